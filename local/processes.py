"""Server processes of the laptop cloud: start, stop, kill or freeze them, and watch the parent."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).parent.parent


@dataclass(frozen=True)
class ProcessSpec:
    """What a supervisor starts, how it stops it, and what it removes afterwards."""

    command: list[str]
    log: str  # a file; empty: this process's own standard error
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    user: int | None = None
    group: int | None = None
    stop_signal: int = signal.SIGTERM
    grace_seconds: float = 20.0
    remove: list[str] = field(default_factory=list)  # however the server ends
    remove_when_stopped: list[str] = field(default_factory=list)  # not when the server crashed
    lock: str | None = None  # held while the server runs; a second supervisor waits for it


def start_process(spec: ProcessSpec) -> "ManagedProcess":
    """Start a server that ends when this process does, however this process ends."""
    supervisor = subprocess.Popen(
        [sys.executable, "-S", "-m", "local.supervisor", json.dumps(spec.__dict__)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT,
        start_new_session=True,  # Ctrl-C in the terminal reaches this process only
    )
    assert supervisor.stdout is not None
    first_line = supervisor.stdout.readline()
    if not first_line:
        raise RuntimeError(
            f"could not start {spec.command[0]}; the reason is printed above or in {spec.log}"
        )
    return ManagedProcess(pid=int(first_line), supervisor=supervisor, log=Path(spec.log))


@dataclass
class ManagedProcess:
    """A running server under a supervisor; `pid` is the server's own process id."""

    pid: int
    supervisor: "subprocess.Popen[bytes]"
    log: Path

    def running(self) -> bool:
        """Return whether the server still runs."""
        return self.supervisor.poll() is None

    def stop(self) -> None:
        """Stop the server as its spec says, and wait until none of its processes is left."""
        assert self.supervisor.stdin is not None and self.supervisor.stdout is not None
        self.supervisor.stdin.close()
        self.supervisor.wait()
        self.supervisor.stdout.close()

    def kill(self) -> None:
        """Kill the server and its children with -9, and wait until none of them is left."""
        self._signal(signal.SIGKILL)
        self.supervisor.wait()
        self.stop()

    def freeze(self) -> None:
        """Suspend the server's processes; its sockets stay open and do not answer."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let frozen processes run again."""
        self._signal(signal.SIGCONT)

    def log_tail(self) -> str:
        """Return the end of the server's log, for error messages."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.is_file() else ""

    def _signal(self, number: int) -> None:
        for pid in [self.pid, *descendants(self.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def wait_until_ready(
    server: ManagedProcess, name: str, ready: Callable[[], bool], seconds: float = 60
) -> None:
    """Wait until `ready()` is true; raise RuntimeError with the log's end if it never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not server.running():
            raise RuntimeError(f"{name} ended while starting: {server.log_tail()}")
        if ready():
            return
        time.sleep(0.01)
    server.stop()
    raise RuntimeError(f"{name} was not ready after {seconds} seconds: {server.log_tail()}")


def descendants(ancestor: int) -> list[int]:
    """Return the process ids of all children, grandchildren and so on of a process."""
    children: dict[int, list[int]] = defaultdict(list)
    for pid, parent in _pids_with_parents():
        children[parent].append(pid)
    result: list[int] = []
    unvisited = [ancestor]
    while unvisited:
        offspring = children[unvisited.pop()]
        result += offspring
        unvisited += offspring
    return result


def _pids_with_parents() -> list[tuple[int, int]]:
    if Path("/proc/self/stat").exists():
        return [pair for entry in Path("/proc").iterdir() if (pair := _from_proc(entry))]
    listing = subprocess.run(  # macOS has no /proc
        ["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = (line.split() for line in listing.stdout.splitlines())
    return [(int(pid), int(parent)) for pid, parent in pairs]


def _from_proc(entry: Path) -> tuple[int, int] | None:
    if not entry.name.isdigit():
        return None
    try:
        stat = (entry / "stat").read_text()
    except OSError:  # the process ended in the meantime
        return None
    # The command's name is in brackets and may itself contain spaces and brackets (proc(5)).
    return int(entry.name), int(stat.rpartition(")")[2].split()[1])


@dataclass(frozen=True)
class ParentProcess:
    """The process that started this one (`make`, a test); the laptop cloud stops when it ends."""

    pid: int
    caught_interrupts: bool

    def is_ending(self) -> bool:
        """Return whether the parent has ended, or was interrupted and now waits for its children.

        Ctrl-C in a terminal reaches this process too, but an interrupt sent to make alone does
        not. Make then stops catching interrupts and waits for its children without a limit.
        """
        return os.getppid() != self.pid or (
            self.caught_interrupts and not _catches_interrupts(self.pid)
        )


def parent_process(pid: int | None) -> ParentProcess | None:
    """Return the parent with that process id; None for None."""
    return None if pid is None else ParentProcess(pid, _catches_interrupts(pid))


def _catches_interrupts(pid: int) -> bool:
    """Return whether a process has a handler for SIGINT; Linux only (proc(5), SigCgt)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    caught = next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (signal.SIGINT - 1) & 1)
