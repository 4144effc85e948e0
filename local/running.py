"""The laptop cloud that runs in a folder: its lock, and its addresses in `endpoints.json`."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.paths import Paths

SECONDS_FOR_EARLIER_SERVERS = 60.0

Endpoints = dict[str, Any]


class AlreadyRunningError(RuntimeError):
    """Another process runs the laptop cloud of this folder; the message names it."""


class NotRunningError(RuntimeError):
    """No laptop cloud runs in this folder."""


@contextmanager
def lock_folder(paths: Paths) -> Iterator[None]:
    """Lock the folder for this process; raise AlreadyRunningError if another process holds it."""
    paths.root.mkdir(parents=True, exist_ok=True)
    with paths.lock.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunningError(
                f"The laptop cloud already runs here (process {lock.read().strip()}). "
                f"Use it ({paths.endpoints} has its addresses), or stop it with Ctrl-C first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_running(paths: Paths) -> bool:
    """Return whether a process runs the laptop cloud of this folder."""
    return paths.lock.exists() and not _is_free(paths.lock)


def wait_for_earlier_servers(paths: Paths) -> None:
    """Wait while the servers of a killed laptop cloud are still stopping."""
    locks = [
        paths.emulator / "lock",
        paths.valkey / "lock",
        paths.postgres.with_name(f"{paths.postgres.name}.lock"),
    ]
    deadline = time.monotonic() + SECONDS_FOR_EARLIER_SERVERS
    while any(lock.exists() and not _is_free(lock) for lock in locks):
        if time.monotonic() > deadline:
            raise AlreadyRunningError(f"Servers of an earlier run do not stop; see {paths.root}.")
        time.sleep(0.1)


def write_endpoints(paths: Paths, endpoints: Endpoints) -> None:
    """Write `endpoints.json` atomically; it contains no secret."""
    draft = paths.endpoints.with_suffix(".draft")
    draft.write_text(json.dumps(endpoints, indent=2) + "\n")
    draft.replace(paths.endpoints)


def read_endpoints(paths: Paths) -> Endpoints:
    """Return the running cloud's endpoints; raise NotRunningError if none runs."""
    if not is_running(paths) or not paths.endpoints.exists():
        raise NotRunningError("No laptop cloud runs here; start one with `make run`.")
    endpoints: Endpoints = json.loads(paths.endpoints.read_text())
    return endpoints


def _is_free(lock: Path) -> bool:
    with lock.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
