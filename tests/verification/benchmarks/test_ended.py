"""A bench that is ended or fails says so in one line, and leaves no process and no old page."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.paths import PROJECT
from local.processes import descendants
from tests.local.processes import alive, end_with_parent, until
from verification.benchmarks import __main__ as bench
from verification.benchmarks.comparisons import COMPARISONS

FIRST = next(iter(COMPARISONS))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the page of an earlier bench."""
    for name in bench.PAGE_FILES:
        (tmp_path / name).write_text("of an earlier bench")
    return tmp_path


@pytest.fixture
def running(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A bench of everything, as soon as its first comparison has started its server."""
    words = ["--entries", "2000", "--rounds", "1000", "--folder", str(folder)]
    bench = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *words],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509 - no threads here
    )
    assert until(lambda: any(map(_is_a_server, descendants(bench.pid))))
    yield bench
    bench.kill()
    bench.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "a termination"])
def test_a_signal_ends_the_comparison_with_its_servers(
    running: "subprocess.Popen[str]", folder: Path, number: signal.Signals
) -> None:
    begun = descendants(running.pid)
    if number is signal.SIGINT:
        os.killpg(running.pid, number)
    else:
        running.send_signal(number)
    printed, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert printed == f"{FIRST} …\ninterrupted by {number.name}; no page was written\n"
    assert until(lambda: alive(begun) == [])
    assert list(folder.iterdir()) == []


def test_a_comparison_that_fails_is_named_and_no_old_page_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    monkeypatch.setattr(bench, "PROJECT", folder)  # where no benchmark can be found
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--folder", str(folder)])
    assert bench.main() == 1
    text = capsys.readouterr().err.splitlines()
    assert text[0] == f"{FIRST} …"
    assert text[1].startswith(f"The comparison {FIRST} failed with exit code 1, so no page")
    assert len(text) == 2
    assert list(folder.iterdir()) == []


def test_some_comparisons_alone_leave_the_page_as_it_is(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(bench, "PROJECT", folder)
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--only", FIRST, "--folder", str(folder)])
    assert bench.main() == 1
    assert sorted(one.name for one in folder.iterdir()) == sorted(bench.PAGE_FILES)


def _is_a_server(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
