"""`make proof` writes its page and its JSON, and no older success stands in for a failure."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.paths import PROJECT
from verification.results import forget_result, read_result, write_result


@dataclass(frozen=True)
class Outcome:
    figure: int


def test_a_result_is_kept_with_its_circumstances_until_it_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVRO_PROOF", str(tmp_path))
    write_result("drill", Outcome(7))
    kept = read_result("drill")
    assert kept is not None and kept["outcome"] == {"figure": 7}
    assert kept["about"]["commit"] and kept["about"]["date"]
    forget_result("drill")
    assert read_result("drill") is None


def test_collecting_nothing_writes_a_page_that_names_what_is_missing(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "proof", "--collect", "--folder", str(tmp_path)],
        cwd=PROJECT,
        env=os.environ | {"LIVRO_PROOF": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    text = json.loads((tmp_path / "verification.json").read_text())
    assert text["missing"] == ["simulation", "drill", "load", "bench"]
    assert "Missing: simulation, drill, load, bench." in (tmp_path / "verification.md").read_text()
    assert "`make proof` runs them all" in ran.stderr
