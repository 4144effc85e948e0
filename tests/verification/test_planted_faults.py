"""Every planted fault applies to the code; what a run says of faults in a tiny project."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from verification.planted_faults.checkout import replaced
from verification.planted_faults.faults import (
    Fault,
    FaultError,
    core_names,
    faulty_text,
    load_faults,
    select_faults,
)
from verification.planted_faults.runner import SurvivorError, run_faults

TESTS = """
from sums import total

def test_total():
    assert total(1, 2) == 3
"""
FAULT = Fault("sums", "It subtracts.", "sums.py", "a + b", "a - b", ("test_sums.py",))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with one function and its test, which needs no plugin of pytest."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "sums.py").write_text("def total(a, b):\n    return a + b\n")
    (tmp_path / "test_sums.py").write_text(TESTS)
    for words in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


@pytest.mark.parametrize("fault", load_faults(), ids=lambda fault: fault.name)
def test_every_fault_applies(fault: Fault) -> None:
    faulty_text(fault)


def test_core_covers_every_package() -> None:
    core = select_faults("")
    assert 40 <= len(core) <= 100
    assert {fault.package for fault in core} == {fault.package for fault in load_faults()}


def test_core_names_must_exist(tmp_path: Path) -> None:
    path = tmp_path / "core.txt"
    path.write_text("# comment\nIt subtracts.\n")
    assert core_names([FAULT], path) == {"It subtracts."}
    with pytest.raises(FaultError, match="lists names that no fault has: It subtracts"):
        core_names([], path)


def test_selection_is_by_text_or_all() -> None:
    assert len(select_faults("", is_all=True)) == len(load_faults())
    assert {fault.package for fault in select_faults("mistake that crashed")} == {"verification"}
    with pytest.raises(FaultError, match='No fault has "xyz"'):
        select_faults("xyz")


def test_detected_fault_is_killed(project: Path) -> None:
    lines: list[str] = []
    run_faults([FAULT], lines.append, project)
    assert "killed: It subtracts. (test_sums.py::test_total)" in lines[-1]
    assert "a + b" in (project / "sums.py").read_text()


def test_each_fault_of_a_file_runs(tmp_path: Path) -> None:
    module, printed = tmp_path / "module.py", []
    module.write_text("print(1)\n")
    command = [sys.executable, "-c", "import module"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    for number in "23":
        with replaced(module, f"print({number})\n"):
            printed.append(subprocess.check_output(command, cwd=tmp_path, env=environment))
    printed.append(subprocess.check_output(command, cwd=tmp_path, env=environment))
    assert printed == [b"2\n", b"3\n", b"1\n"]


def test_undetected_fault_stops_the_run(project: Path) -> None:
    with pytest.raises(SurvivorError, match="It swaps"):
        run_faults([replace(FAULT, name="It swaps.", new="b + a")], print, project)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"old": "a * b"}, "must occur exactly once"),
        ({"old": "a"}, "must occur exactly once"),
        ({"new": "a +"}, "invalid Python"),
        ({"tests": ("test_sums.py::test_nothing",)}, "must pass without a fault"),
        ({"old": "def total", "new": "def totals"}, "could not run the tests"),
    ],
)
def test_fault_that_cannot_be_judged_is_an_error(
    project: Path, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(FaultError, match=message):
        run_faults([replace(FAULT, **changed)], print, project)
