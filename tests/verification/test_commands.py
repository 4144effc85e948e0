"""Commands end at a signal with one line and exit code 130, and leave no process behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.paths import PROJECT
from local.processes import descendants
from tests.local.processes import alive, end_with_parent, until
from verification.commands import VerificationError, run_command

SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
COMMANDS = {
    "verification": "no report was written.",
    "verification.fault_injection": "no result was written.",
    "verification.load": "no result was written.",
    "verification.benchmarks": "nothing was stored.",
    "verification.benchmarks.cold_start": "nothing was measured.",
    "verification.planted_faults": "the project itself was not changed.",
}


def started(folder: Path, module: str, *options: str) -> "subprocess.Popen[str]":
    # Without options each import is printed, so that a test knows when to send its signal.
    traced = [] if options else ["-X", "importtime"]
    return subprocess.Popen(
        [sys.executable, *traced, "-m", module, *options],
        cwd=PROJECT,
        env=os.environ | {"LIVRO_PROOF": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509 - no threads here
    )


def terminated(command: "subprocess.Popen[str]", number: signal.Signals) -> list[str]:
    """Signal the command, or its whole group as Ctrl-C does; return what it printed then."""
    children = descendants(command.pid)
    if number is signal.SIGINT:
        os.killpg(command.pid, number)
    else:
        command.send_signal(number)
    printed, _ = command.communicate(timeout=60)
    assert command.returncode == 130, printed
    assert until(lambda: alive(children) == [])
    return [line for line in printed.splitlines() if not line.startswith("import time:")]


@pytest.mark.parametrize(
    ("module", "number"),
    [(module, (signal.SIGTERM, signal.SIGINT)[place % 2]) for place, module in enumerate(COMMANDS)],
)
def test_signal_during_imports_ends_command(
    tmp_path: Path, module: str, number: signal.Signals
) -> None:
    command = started(tmp_path, module)
    assert command.stdout is not None
    # The signal handler is installed right after this import.
    line = ""
    while not line.rstrip().endswith("| verification.commands"):
        line = command.stdout.readline()
        assert line, "the command imports verification.commands first"
    assert until(lambda: _handles_sigterm(command.pid))
    lines = terminated(command, number)
    assert lines[-1] == f"Interrupted by {number.name}: {COMMANDS[module]}"
    assert not any("Traceback" in line for line in lines)


@SIGNALS
def test_signal_ends_simulation_of_whole_run(tmp_path: Path, number: signal.Signals) -> None:
    command = started(tmp_path, "verification", "--folder", str(tmp_path))
    assert until(lambda: len(descendants(command.pid)) > 2)  # the simulation and its workers
    lines = terminated(command, number)
    assert lines == [
        "simulation: 2,000 seeds, then planted mistakes",
        f"Interrupted by {number.name}: no report was written.",
    ]
    assert not (tmp_path / "report.json").exists()


@SIGNALS
def test_signal_ends_comparison_with_its_servers(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "benchmarks.json").write_text("of an earlier run")
    options = ("--entries", "2000", "--rounds", "1000")
    command = started(tmp_path, "verification.benchmarks", *options)
    assert until(lambda: any(map(_is_a_server, descendants(command.pid))))
    lines = terminated(command, number)
    assert (lines[0], lines[-1]) == (
        "projection …",
        f"Interrupted by {number.name}: nothing was stored.",
    )
    assert list(tmp_path.iterdir()) == []


def test_error_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> int:
        raise VerificationError("the local cluster did not start.")

    assert run_command(main, "nothing.") == 1
    assert capsys.readouterr().err == "Error: the local cluster did not start.\n"


def _handles_sigterm(pid: int) -> bool:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = next(line.split()[1] for line in lines if line.startswith("SigCgt"))
    return bool(int(mask, 16) & (1 << (signal.SIGTERM - 1)))


def _is_a_server(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
