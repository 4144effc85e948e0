"""Watching processes from outside."""

import ctypes
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from local.supervisor import SET_PARENT_DEATH_SIGNAL


def alive(pids: Iterable[int]) -> list[int]:
    """Answer those that still run; a zombie does not."""
    return [pid for pid in pids if _state(pid) not in {"", "Z", "X"}]


def until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until the condition holds, as long as that is worth it; say whether it does."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def ending_with_us() -> None:
    """Run in a child before its program: have it stopped when this process ends (Linux)."""
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)


def mentioning(text: str) -> list[int]:
    """Answer the processes whose command line or environment holds the text."""
    result = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and text.encode() in _words(entry):
            result.append(int(entry.name))
    return alive(result)


def _words(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
    except OSError:
        return b""


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
