"""One laptop cloud at a time in one folder: who holds the lock runs it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.paths import Places

SECONDS_FOR_AN_EARLIER_ONE_TO_STOP = 60.0


class AlreadyRunningError(Exception):
    """Another process runs the laptop cloud of this folder; the message names it."""


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Hold the folder for this process; raise AlreadyRunningError if another one does."""
    places.root.mkdir(parents=True, exist_ok=True)
    with places.lock.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunningError(
                f"The laptop cloud already runs here (process {lock.read().strip()}); "
                "stop that one with Ctrl-C first, or use it: .local/endpoints.json says how."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_running(places: Places) -> bool:
    """Say whether some process runs the laptop cloud of this folder."""
    return places.lock.exists() and not _is_free(places.lock)


def wait_for_an_earlier_one(places: Places) -> None:
    """Wait while the servers of a cloud that was killed are still stopping."""
    locks = [
        places.emulator / "lock",
        places.valkey / "lock",
        places.postgres.with_name(f"{places.postgres.name}.lock"),
    ]
    end = time.monotonic() + SECONDS_FOR_AN_EARLIER_ONE_TO_STOP
    while any(lock.exists() and not _is_free(lock) for lock in locks):
        if time.monotonic() > end:
            raise AlreadyRunningError(f"Servers of an earlier run do not stop; see {places.root}.")
        time.sleep(0.1)


def _is_free(lock: Path) -> bool:
    with lock.open("r+") as door:
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
