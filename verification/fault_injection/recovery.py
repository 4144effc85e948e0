"""Waits until the system has recovered from a fault: the newest entry visible, stores responding.

The time counts from the fault, so it includes the rest of the writing with its retries.
"""

import time
from contextlib import closing
from dataclasses import dataclass

import pg8000.native
import redis

from local.stores.postgres import SUPERUSER
from local.stores.stores import DATABASE
from verification.fault_injection.client import RetryingClient
from verification.kit.reference_model import ExpectedEntry
from verification.local_cluster import ClusterDownError, LocalCluster

_PAUSE_SECONDS = 0.02
_STORE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of the time to recover from a fault: `within` seconds of the moment `since`."""

    since: float
    within: float
    fault: str

    def left(self) -> float:
        """Return the seconds that are left; raise ClusterDownError if there are none."""
        left = self.since + self.within - time.monotonic()
        if left < 0:
            raise ClusterDownError(f"no recovery within {self.within:.0f} s after: {self.fault}")
        return left


def await_visible(client: RetryingClient, entry: ExpectedEntry, deadline: Deadline) -> None:
    """Wait until an entry is in its day's balance; raise ClusterDownError at the deadline."""
    path = f"/v1/daily-balances/{entry.day}?after={entry.entry_id}"
    while not client.get(path, deadline.left())["freshness"]["complete"]:
        time.sleep(_PAUSE_SECONDS)


def await_recovery(client: RetryingClient, entry: ExpectedEntry, deadline: Deadline) -> float:
    """Wait until an entry is visible and Valkey responds; return the seconds since the fault.

    The balance comes from PostgreSQL, so that responds too. Raises ClusterDownError at the end.
    """
    await_visible(client, entry, deadline)
    while not valkey_responds(client.cluster):
        deadline.left()
        time.sleep(_PAUSE_SECONDS)
    return deadline.within - deadline.left()  # the response itself may have come too late


def repaired_by_closing(cluster: LocalCluster) -> int:
    """Return how many lines of days consolidation runs noted as different before repairing them."""
    server = cluster.endpoints["servers"]["postgres"]
    place = (server["host"], DATABASE, server["port"])
    with closing(pg8000.native.Connection(SUPERUSER, *place, ssl_context=False)) as connection:
        ((lines,),) = connection.run("SELECT count(*) FROM read_model.day_repairs")
        return int(lines)


def valkey_responds(cluster: LocalCluster) -> bool:
    """Return whether Valkey executes a command."""
    try:
        with valkey(cluster) as client:
            return bool(client.ping())
    except (OSError, redis.RedisError):
        return False


def valkey(cluster: LocalCluster) -> "redis.Redis":
    """Return a direct connection to Valkey, to be used in a `with` statement."""
    server = cluster.endpoints["servers"]["valkey"]
    return redis.Redis(server["host"], server["port"], socket_timeout=_STORE_SECONDS)
