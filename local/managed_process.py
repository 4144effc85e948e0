"""A server under a guardian: start it, stop it, and (for drills and tests) freeze or kill it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from local.process_tree import descendants

PROJECT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Order:
    """What a guardian is to start, how to stop it, and what to remove afterwards."""

    command: list[str]
    log: str  # a file; empty: the owner's own standard error
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    user: int | None = None
    group: int | None = None
    stop_signal: int = signal.SIGTERM
    grace_seconds: float = 20.0
    remove: list[str] = field(default_factory=list)  # whenever the server ends
    remove_when_stopped: list[str] = field(default_factory=list)  # not when it fell by itself
    lock: str | None = None  # held while the server runs; a second guardian waits for it


def start_guarded(order: Order) -> "Guarded":
    """Start a server that ends when this process does, however this process ends."""
    guardian = subprocess.Popen(
        [sys.executable, "-S", "-m", "local.supervisor", json.dumps(order.__dict__)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT,
        start_new_session=True,  # a Ctrl-C in the terminal is the owner's to handle
    )
    assert guardian.stdout is not None
    first_line = guardian.stdout.readline()
    if not first_line:
        raise RuntimeError(f"could not start {order.command[0]}; see above and its log {order.log}")
    return Guarded(pid=int(first_line), guardian=guardian, log=Path(order.log))


@dataclass
class Guarded:
    """A running server: `pid` is the server's own process id."""

    pid: int
    guardian: "subprocess.Popen[bytes]"
    log: Path

    def running(self) -> bool:
        """Say whether the server still runs."""
        return self.guardian.poll() is None

    def stop(self) -> None:
        """Stop the server as its order says, and wait until nothing of it is left."""
        assert self.guardian.stdin is not None and self.guardian.stdout is not None
        self.guardian.stdin.close()
        self.guardian.wait()
        self.guardian.stdout.close()

    def kill(self) -> None:
        """Kill the server with -9, its children too, and wait until nothing of it is left."""
        self._signal(signal.SIGKILL)
        self.guardian.wait()
        self.stop()

    def freeze(self) -> None:
        """Stop the server's processes from running; its sockets stay open and say nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let frozen processes run again."""
        self._signal(signal.SIGCONT)

    def log_tail(self) -> str:
        """Answer the end of the server's log, for messages of failure."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.is_file() else ""

    def _signal(self, which: int) -> None:
        for one in [self.pid, *descendants(self.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, which)
