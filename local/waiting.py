"""Waiting for a server that has just been started."""

import time
from collections.abc import Callable

from local.managed_process import Guarded


def until_ready(server: Guarded, name: str, ready: Callable[[], bool], seconds: float = 60) -> None:
    """Return when `ready` says so; raise RuntimeError with the log's end if it never will."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not server.running():
            raise RuntimeError(f"{name} ended while starting: {server.log_tail()}")
        if ready():
            return
        time.sleep(0.01)
    server.stop()
    raise RuntimeError(f"{name} was not ready after {seconds} seconds: {server.log_tail()}")
