"""Commands end at a signal with one line and exit code 130, and leave no process behind."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from local.paths import PROJECT
from local.processes import descendants
from tests.local.processes import alive, as_in_a_terminal, until

COMMANDS = {
    "verification.simulation": "the remaining scenarios did not run.",
    "verification": "no report was written.",
    "verification.fault_injection": "no result was written.",
    "verification.load": "no result was written.",
    "verification.benchmarks": "nothing was stored.",
    "verification.benchmarks.cold_start": "nothing was measured.",
    "verification.planted_faults": "the project itself was not changed.",
}
# The simulation imports everything before it handles signals.
IMPORTING = [name for name in COMMANDS if name != "verification.simulation"]
SIMULATION = "verification.simulation --seeds 2000 --workers 2"


def is_importing(pid: int) -> bool:
    """Return whether the command handles signals, which its first import begins."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = next(line.split()[1] for line in lines if line.startswith("SigCgt"))
    return bool(int(mask, 16) & (1 << (signal.SIGTERM - 1)))


def has_workers(pid: int) -> bool:
    return len(descendants(pid)) > 2  # the workers and what starts them


def has_servers(pid: int) -> bool:
    return any(b"postgres" in _command_line(child) for child in descendants(pid))


def started(folder: Path, command: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", *command.format(folder).split()],
        cwd=PROJECT,
        env=os.environ | {"LIVRO_PROOF": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=as_in_a_terminal,  # noqa: PLW1509 - no threads here
    )


SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
BENCHMARKS = "verification.benchmarks --entries 2000 --rounds 1000"
BUSY = [
    ("verification --folder {}", has_workers, signal.SIGTERM),
    (SIMULATION, lambda pid: len(descendants(pid)) > 1, signal.SIGINT),
    (SIMULATION, has_workers, signal.SIGINT),
    (SIMULATION, has_workers, signal.SIGHUP),
    (BENCHMARKS, has_servers, signal.SIGINT),
    (BENCHMARKS, has_servers, signal.SIGTERM),
]


@pytest.mark.parametrize(
    ("command", "is_ready", "number"),
    [*zip(IMPORTING, itertools.repeat(is_importing), itertools.cycle(SIGNALS)), *BUSY],
)
def test_signal_ends_command_and_children(
    tmp_path: Path, command: str, is_ready: Callable[[int], bool], number: signal.Signals
) -> None:
    running = started(tmp_path, command)
    assert until(lambda: is_ready(running.pid))
    children = descendants(running.pid)
    # Ctrl-C reaches the whole group.
    (os.killpg if number is signal.SIGINT else os.kill)(running.pid, number)
    printed, _ = running.communicate(timeout=60)
    assert running.returncode == 130, printed
    ending = COMMANDS[command.split(maxsplit=1)[0]]
    assert printed.splitlines()[-1] == f"Interrupted by {number.name}: {ending}"
    assert "Traceback" not in printed
    assert until(lambda: alive(children) == [])
    assert list(tmp_path.iterdir()) == []


def test_no_worker_outlives_killed_simulation(tmp_path: Path) -> None:
    running = started(tmp_path, SIMULATION)
    assert until(lambda: has_workers(running.pid))
    children = descendants(running.pid)
    running.kill()
    running.communicate(timeout=60)
    assert until(lambda: alive(children) == [])


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
