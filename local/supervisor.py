"""The program that stands between an owner and a server, so that no server outlives its owner.

It runs as a child process, with the standard library only, as
`python -m local.guardian '<JSON order>'`. Its standard input is a pipe that the owner alone holds.
When the pipe ends (the owner closed it, died, or was killed with -9), the guardian stops the
server, ends whatever the server left behind, removes what it was told to remove, and goes.
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

from local.process_tree import descendants

SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, linux/prctl.h
SET_CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, linux/prctl.h


def main() -> int:
    """Serve one order until the owner goes or the server ends; answer the server's exit code."""
    order = json.loads(sys.argv[1])
    lock = _wait_for_turn(order["lock"])
    wake_up = _signals_to_pipe()
    _adopt_orphans()
    server = _start(order)
    print(server.pid, flush=True)
    code = _until_either_ends(server.pid, wake_up)
    needless = order["remove"]
    if code is None:
        code = _stop(server.pid, order["stop_signal"], order["grace_seconds"])
        needless += order["remove_when_stopped"]
    _end_the_rest()
    for path in needless:
        _remove(Path(path))
    if lock is not None:
        os.close(lock)
    return code


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _wait_for_turn(path: str | None) -> int | None:
    """Wait until no earlier guardian serves the same folder; the lock lasts as long as we do."""
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
        signal.signal(ignored, signal.SIG_IGN)  # the pipe alone says when it is over
    return reader


def _adopt_orphans() -> None:
    """Have processes whose parent dies become ours (Linux), so that they can be found and ended."""
    _prctl(SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, argument: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, argument, 0, 0, 0)


def _start(order: dict[str, Any]) -> "subprocess.Popen[bytes]":
    with _output(order["log"]) as log:
        return subprocess.Popen(
            order["command"],
            env=order["environment"],
            cwd=order["folder"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=order["user"],
            group=order["group"],
            extra_groups=None if order["user"] is None else [],
            # Only this one thread is running, so code between fork and exec is safe.
            preexec_fn=lambda: _as_a_server(order["stop_signal"]),  # noqa: PLW1509
        )


def _output(log: str) -> IO[bytes]:
    return Path(log).open("ab") if log else os.fdopen(os.dup(sys.stderr.fileno()), "ab")


def _as_a_server(stop_signal: int) -> None:
    for usual in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(usual, signal.SIG_DFL)
    _prctl(SET_PARENT_DEATH_SIGNAL, stop_signal)


def _until_either_ends(server: int, wake_up: int) -> int | None:
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
    """Collect every ended child; answer the server's exit code if it is among them."""
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
    end = time.monotonic() + grace_seconds
    while time.monotonic() < end:
        code = _reap(server)
        if code is not None:
            return code
        time.sleep(0.01)
    return -signal.SIGKILL  # a frozen or stuck server goes with the rest


def _end_the_rest() -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        rest = descendants(os.getpid())
        if not rest:
            return
        for one in rest:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        _reap(0)
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())
