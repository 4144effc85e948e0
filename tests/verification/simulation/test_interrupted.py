"""A simulation that is interrupted leaves no process and prints no stack trace."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.processes import descendants
from tests.local.processes import alive, end_with_parent, until

ROOT = Path(__file__).parents[3]
WORKERS = 2


def ended_by(number: signal.Signals, whole_terminal: bool) -> tuple[int, str]:
    """Return the exit code and the output; assert that no process is left."""
    command = f"{sys.executable} -m verification.simulation --seeds 2000 --workers {WORKERS}"
    simulation = subprocess.Popen(
        command.split(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=_as_in_a_terminal,  # noqa: PLW1509 - no threads here
    )
    assert until(lambda: len(descendants(simulation.pid)) > WORKERS)
    begun = descendants(simulation.pid)
    (os.killpg if whole_terminal else os.kill)(simulation.pid, number)
    printed, _ = simulation.communicate(timeout=60)
    assert until(lambda: alive(begun) == [])
    return simulation.returncode, printed


@pytest.mark.parametrize(
    ("number", "whole_terminal"),
    [(signal.SIGINT, True), (signal.SIGTERM, False), (signal.SIGHUP, False)],
    ids=["Ctrl-C", "a termination", "a closed terminal"],
)
def test_a_signal_ends_all_processes(number: signal.Signals, whole_terminal: bool) -> None:
    code, printed = ended_by(number, whole_terminal)
    assert code == 130
    assert printed.split("\n")[1:] == [f"interrupted by {number.name}", ""]


def test_no_process_outlives_a_killed_simulation() -> None:
    code, _ = ended_by(signal.SIGKILL, whole_terminal=False)
    assert code == -signal.SIGKILL


def _as_in_a_terminal() -> None:
    end_with_parent()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
