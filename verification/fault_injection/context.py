"""The context of a fault injection: the cluster with proxies, the writers, and the counts."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from verification.fault_injection.client import RetryingClient
from verification.fault_injection.emulator_log import EmulatorLog
from verification.fault_injection.expected_entry import AcceptedEntries
from verification.fault_injection.writing import Writer
from verification.kit.fault_proxy import FaultProxy, fault_proxy
from verification.local_cluster import API, PROJECTOR, LocalCluster

RECOVERY_SECONDS = 180.0
WORKER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Extent:
    """The least number of kills and entries, and the most minutes; the seed decides the faults."""

    kills: int
    entries: int
    seed: int
    minutes: float


@dataclass
class Context:
    """A fault injection in progress: what faults strike, the writers, and counts by kind of fault.

    `chance` decides the moments of faults, and `fault_at` is that of the newest. `interrupted`
    counts the work that kills broke off, `recoveries` has the slowest of each kind in seconds, and
    `poison` the ids of invalid records.
    """

    extent: Extent
    cluster: LocalCluster
    postgres: FaultProxy
    valkey: FaultProxy
    chance: random.Random
    accepted: AcceptedEntries
    writers: Sequence[Writer]
    struck: Counter[str] = field(default_factory=Counter)
    interrupted: Counter[str] = field(default_factory=Counter)
    recoveries: dict[str, float] = field(default_factory=dict)
    lag_seconds: float = 0.0
    fault_at: float = 0.0
    poison: set[str] = field(default_factory=set)

    @property
    def log(self) -> EmulatorLog:
        """The emulator's log."""
        return EmulatorLog(self.cluster.paths.emulator / "emulator.log")

    @property
    def kills(self) -> int:
        """How many kills struck."""
        return sum(times for kind, times in self.struck.items() if kind.endswith("killed"))

    @property
    def failed_requests(self) -> int:
        """How many requests broke off or were answered with a server error."""
        counts = (writer.client.attempts for writer in self.writers)
        return sum(attempts["no answer"] + attempts["5xx"] for attempts in counts)

    @property
    def is_short(self) -> bool:
        """Whether kills or entries are still missing."""
        is_short_of_entries = len(self.accepted.by_id) < self.extent.entries
        return self.kills < self.extent.kills or is_short_of_entries

    def fault(self) -> None:
        """Note that a fault happens now."""
        self.fault_at = time.monotonic()

    def recovered(self, kind: str, seconds: float) -> None:
        """Note a recovery time, if it is the slowest of its kind."""
        self.recoveries[kind] = max(round(seconds, 1), self.recoveries.get(kind, 0.0))

    def await_pids(self, function: str) -> list[int]:
        """Return a function's processes, waiting a little until there are some."""
        end = time.monotonic() + WORKER_SECONDS
        while not (pids := self.cluster.function_pids(function)) and time.monotonic() < end:
            time.sleep(0.01)
        return pids


Writing = Future[Any]
"""The writing that goes on while a fault strikes."""


@dataclass(frozen=True)
class Fault:
    """A kind of fault; about `share` of a hundred faults are of this kind.

    `strike` returns how often it struck something. The system must recover `within` seconds of the
    last strike. `watch` is called before the fault, and returns a function that counts the work
    that the fault interrupted.
    """

    kind: str
    share: int
    strike: Callable[[Context, Writing], int]
    within: float = RECOVERY_SECONDS
    watch: Callable[[Context], Callable[[], int]] | None = None


@contextmanager
def open_context(cluster: LocalCluster, extent: Extent) -> Iterator[Context]:
    """Put proxies before the stores and make a writer for each merchant."""
    ports = {store: server.get("port") for store, server in cluster.endpoints["servers"].items()}
    with fault_proxy(ports["postgres"]) as postgres, fault_proxy(ports["valkey"]) as valkey:
        # Requests read PostgreSQL directly, so that a cut always strikes the projector.
        cluster.set_variables(PROJECTOR, {"DATABASE_PORT": str(postgres.port)})
        for function in (PROJECTOR, API):
            cluster.set_variables(function, {"REDIS_PORT": str(valkey.port)})
        accepted = AcceptedEntries()
        users = {"operator": "padaria", "rival": "rival"}
        # All merchants use the same keys, because a key belongs to its merchant.
        writers = [
            Writer(RetryingClient(cluster, user, name), accepted, f"{extent.seed}-{name}", "key")
            for user, name in users.items()
        ]
        chance = random.Random(extent.seed)
        yield Context(extent, cluster, postgres, valkey, chance, accepted, writers)
