"""A small program between a parent process and a server; the server never outlives the parent.

It runs as a child process, with the standard library only, as
`python -m local.supervisor '<ProcessSpec as JSON>'`. Its standard input is a pipe that only the
parent holds. When the pipe closes (the parent closed it, ended, or was killed with -9), the
supervisor stops the server, kills the server's remaining children, removes the files named in the
spec, and exits.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

from local.processes import descendants

SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, linux/prctl.h
SET_CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, linux/prctl.h


def main() -> int:
    """Run one server until the parent or the server ends; return the server's exit code."""
    spec = json.loads(sys.argv[1])
    lock = _wait_for_lock(spec["lock"])
    wake_up = _signals_to_pipe()
    _prctl(SET_CHILD_SUBREAPER, 1)  # orphans of the server become children here, and are killed
    server = _start(spec)
    with contextlib.suppress(BrokenPipeError):  # the parent has ended: so does this, below
        os.write(sys.stdout.fileno(), f"{server.pid}\n".encode())
    code = _until_either_ends(server.pid, wake_up)
    removable = spec["remove"]
    if code is None:
        code = _stop(server.pid, spec["stop_signal"], spec["grace_seconds"])
        removable += spec["remove_when_stopped"]
    _kill_descendants()
    for path in removable:
        _remove(Path(path))
    if lock is not None:
        os.close(lock)
    return code


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _wait_for_lock(path: str | None) -> int | None:
    """Wait until no earlier supervisor holds the lock; it is held until this process ends."""
    if path is None:
        return None
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _signals_to_pipe() -> int:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)  # only the pipe ends this program
    return reader


def _prctl(option: int, argument: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, argument, 0, 0, 0)


def _start(spec: dict[str, Any]) -> "subprocess.Popen[bytes]":
    with _output(spec["log"]) as log:
        return subprocess.Popen(
            spec["command"],
            env=spec["environment"],
            cwd=spec["folder"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=spec["user"],
            group=spec["group"],
            extra_groups=None if spec["user"] is None else [],
            # This process has a single thread, so code between fork and exec is safe.
            preexec_fn=lambda: _prepare_server(spec["stop_signal"]),  # noqa: PLW1509
        )


def _output(log: str) -> IO[bytes]:
    return Path(log).open("ab") if log else os.fdopen(os.dup(sys.stderr.fileno()), "ab")


def _prepare_server(stop_signal: int) -> None:
    for restored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(restored, signal.SIG_DFL)
    _prctl(SET_PARENT_DEATH_SIGNAL, stop_signal)


def _until_either_ends(server: int, wake_up: int) -> int | None:
    """Return the server's exit code when it ends, None when the parent's pipe closes."""
    while True:
        ready, _, _ = select.select([sys.stdin.fileno(), wake_up], [], [])
        if wake_up in ready:
            os.read(wake_up, 512)
            code = _reap(server)
            if code is not None:
                return code
        if sys.stdin.fileno() in ready and not os.read(sys.stdin.fileno(), 512):
            return None


def _reap(server: int) -> int | None:
    """Collect every ended child; return the server's exit code if it is among them."""
    code = None
    with contextlib.suppress(ChildProcessError):
        while True:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                break
            if child == server:
                code = os.waitstatus_to_exitcode(status)
    return code


def _stop(server: int, stop_signal: int, grace_seconds: float) -> int:
    os.kill(server, stop_signal)
    deadline = time.monotonic() + grace_seconds
    while time.monotonic() < deadline:
        code = _reap(server)
        if code is not None:
            return code
        time.sleep(0.01)
    return -signal.SIGKILL  # a frozen or stuck server is killed with its children


def _kill_descendants() -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        remaining = descendants(os.getpid())
        if not remaining:
            return
        for pid in remaining:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _reap(0)
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
