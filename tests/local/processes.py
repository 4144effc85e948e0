"""Processes, watched from outside."""

import ctypes
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from local.supervisor import SET_PARENT_DEATH_SIGNAL


def alive(pids: Iterable[int]) -> list[int]:
    """Return the processes that still run; a zombie does not."""
    return [pid for pid in pids if _state(pid) not in {"", "Z", "X"}]


def until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until the condition holds, or the time is over; return whether it holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def as_in_a_terminal() -> None:
    """Make a child process stop when this process ends (Linux); a `preexec_fn`.

    And let signals reach it: the tests may run under nohup, or in the background of a shell script,
    where Ctrl-C is ignored.
    """
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def mentioning(text: str) -> list[int]:
    """Return the processes whose command line or environment contains the text."""
    result = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and text.encode() in _command_and_environment(entry):
            result.append(int(entry.name))
    return alive(result)


def _command_and_environment(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
    except OSError:
        return b""


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
