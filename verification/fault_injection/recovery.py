"""Waits until the system has recovered from a fault: the newest entry visible, stores responding.

The time counts from the fault, so it includes the rest of the writing with its retries.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pg8000.native
import redis

from local.stores.postgres import SUPERUSER
from local.stores.stores import DATABASE
from verification.fault_injection.client import RetryingClient
from verification.local_cluster import ClusterDownError, LocalCluster

_PAUSE_SECONDS = 0.02
_STORE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Recovery:
    """A deadline: an entry must be in its day's balance `within` seconds of the moment `since`."""

    entry_id: str
    day: str
    since: float
    within: float
    fault: str

    def check(self, seconds: float) -> None:
        """Raise ClusterDownError if this took too long."""
        if seconds > self.within:
            raise ClusterDownError(f"no recovery within {self.within:.0f} s after: {self.fault}")


def await_visible(client: RetryingClient, recovery: Recovery) -> None:
    """Wait until the entry is in its balance; raise ClusterDownError if that takes too long."""
    path = f"/v1/daily-balances/{recovery.day}?after={recovery.entry_id}"

    def is_visible() -> bool:
        left = recovery.since + recovery.within - time.monotonic()
        return bool(client.get(path, max(0.0, left))["freshness"]["complete"])

    _await(is_visible, recovery)


def await_recovery(client: RetryingClient, recovery: Recovery) -> float:
    """Wait until the entry is visible and both stores respond; return the seconds since the fault.

    Raises ClusterDownError if that takes too long.
    """
    await_visible(client, recovery)
    _await(lambda: postgres_responds(client.cluster), recovery)
    return _await(lambda: valkey_responds(client.cluster), recovery)


def repaired_by_closing(cluster: LocalCluster) -> int:
    """Return how many lines of days consolidation runs noted as different before repairing them."""
    with _postgres(cluster) as connection:
        ((lines,),) = connection.run("SELECT count(*) FROM read_model.day_repairs")
        return int(lines)


def postgres_responds(cluster: LocalCluster) -> bool:
    """Return whether PostgreSQL executes a statement."""
    try:
        with _postgres(cluster) as connection:
            return bool(connection.run("SELECT 1"))
    except (OSError, pg8000.native.InterfaceError, pg8000.native.DatabaseError):
        return False


def valkey_responds(cluster: LocalCluster) -> bool:
    """Return whether Valkey executes a command."""
    try:
        with valkey(cluster) as client:
            return bool(client.ping())
    except (OSError, redis.RedisError):
        return False


@contextmanager
def valkey(cluster: LocalCluster) -> "Iterator[redis.Redis]":
    """Connect to Valkey directly."""
    server = cluster.endpoints["servers"]["valkey"]
    with redis.Redis(
        host=server["host"], port=server["port"], socket_timeout=_STORE_SECONDS
    ) as client:
        yield client


@contextmanager
def _postgres(cluster: LocalCluster) -> "Iterator[pg8000.native.Connection]":
    server = cluster.endpoints["servers"]["postgres"]
    connection = pg8000.native.Connection(
        SUPERUSER,
        host=server["host"],
        port=server["port"],
        database=DATABASE,
        timeout=_STORE_SECONDS,
    )
    try:
        yield connection
    finally:
        connection.close()


def _await(is_done: Callable[[], bool], recovery: Recovery) -> float:
    while not is_done():
        recovery.check(time.monotonic() - recovery.since)
        time.sleep(_PAUSE_SECONDS)
    seconds = time.monotonic() - recovery.since
    recovery.check(seconds)  # the response itself may have come too late
    return seconds
