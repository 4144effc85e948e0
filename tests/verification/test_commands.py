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

SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
COMMANDS = {
    "verification.simulation": "the remaining scenarios did not run.",
    "verification": "no report was written.",
    "verification.fault_injection": "no result was written.",
    "verification.load": "no result was written.",
    "verification.benchmarks": "nothing was stored.",
    "verification.benchmarks.cold_start": "nothing was measured.",
    "verification.planted_faults": "the project itself was not changed.",
}
SIMULATION = ("verification.simulation", "--seeds", "2000", "--workers", "2")


def started(folder: Path, module: str, *options: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", module, *options],
        cwd=PROJECT,
        env=os.environ | {"LIVRO_PROOF": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=_as_in_a_terminal,  # noqa: PLW1509 - no threads here
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
    return printed.splitlines()


@pytest.mark.parametrize(
    ("module", "number"),
    [(module, (signal.SIGTERM, signal.SIGINT)[place % 2]) for place, module in enumerate(COMMANDS)],
)
def test_signal_during_imports_ends_command(
    tmp_path: Path, module: str, number: signal.Signals
) -> None:
    command = started(tmp_path, module)
    assert until(lambda: _handles_sigterm(command.pid))  # the first import installs the handler
    lines = terminated(command, number)
    assert lines[-1] == f"Interrupted by {number.name}: {COMMANDS[module]}"
    assert not any("Traceback" in line for line in lines)


@pytest.mark.parametrize("options", [("verification", "--folder", "{}"), SIMULATION])
@SIGNALS
def test_signal_ends_simulation_with_workers(
    tmp_path: Path, options: tuple[str, ...], number: signal.Signals
) -> None:
    command = started(tmp_path, *(option.format(tmp_path) for option in options))
    assert until(lambda: len(descendants(command.pid)) > 2)  # the workers and what starts them
    printed = terminated(command, number)
    ending = COMMANDS[options[0]]
    assert printed[1:] == [f"Interrupted by {number.name}: {ending}"]
    assert not (tmp_path / "report.json").exists()


def test_no_worker_outlives_killed_simulation(tmp_path: Path) -> None:
    command = started(tmp_path, *SIMULATION)
    assert until(lambda: len(descendants(command.pid)) > 2)
    begun = descendants(command.pid)
    command.kill()
    command.communicate(timeout=60)
    assert until(lambda: alive(begun) == [])


@SIGNALS
def test_signal_ends_comparison_with_its_servers(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "benchmarks.json").write_text("of an earlier run")
    options = ("--entries", "2000", "--rounds", "1000")
    command = started(tmp_path, "verification.benchmarks", *options)
    assert until(lambda: any(map(_is_a_server, descendants(command.pid))))
    lines = terminated(command, number)
    assert lines[-1] == f"Interrupted by {number.name}: nothing was stored."
    assert list(tmp_path.iterdir()) == []


def _as_in_a_terminal() -> None:
    end_with_parent()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup


def _handles_sigterm(pid: int) -> bool:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = next(line.split()[1] for line in lines if line.startswith("SigCgt"))
    return bool(int(mask, 16) & (1 << (signal.SIGTERM - 1)))


def _is_a_server(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
