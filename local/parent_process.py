"""The process for which the laptop cloud runs (`make`, a test): when it goes, the cloud stops."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Owner:
    """The parent process that we serve."""

    pid: int
    caught_interrupts: bool

    def is_leaving(self) -> bool:
        """Say whether the owner has ended, or was interrupted and now waits for us.

        A Ctrl-C in a terminal reaches us as well, but an interrupt sent to make alone does not.
        Make then stops catching interrupts and waits for its children, for ever if need be.
        """
        return os.getppid() != self.pid or (
            self.caught_interrupts and not _catches_interrupts(self.pid)
        )


def owner(pid: int | None) -> Owner | None:
    """Answer the owner of that process id; None if there is none to wait for."""
    return None if pid is None else Owner(pid, _catches_interrupts(pid))


def _catches_interrupts(pid: int) -> bool:
    """Say whether a process has a handler for SIGINT; known on Linux only (proc(5), SigCgt)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)
