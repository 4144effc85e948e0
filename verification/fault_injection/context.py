"""The context of a fault injection: the cluster with proxies, the writers, and the counts."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from verification.fault_injection.client import RetryingClient
from verification.fault_injection.emulator_log import EmulatorLog
from verification.fault_injection.expected_entry import AcceptedEntries
from verification.fault_injection.outcome import Extent
from verification.fault_injection.writing import Writer
from verification.kit.fault_proxy import FaultProxy, fault_proxy
from verification.local_cluster import API, PROJECTOR, LocalCluster

RECOVERY_SECONDS = 180.0
WORKER_SECONDS = 3.0

Finish = Callable[[], int]
"""Ends a fault, and returns how often it struck something."""


@dataclass
class FaultTargets:
    """What faults strike, and their counts by kind.

    `chance` decides their moments; `interrupted` counts the work that kills broke off; `fault_at`
    is the moment of the newest fault; `failed_attempts` returns how many requests failed so far.
    """

    cluster: LocalCluster
    postgres: FaultProxy
    valkey: FaultProxy
    chance: random.Random
    failed_attempts: Callable[[], int]
    struck: Counter[str] = field(default_factory=Counter)
    interrupted: Counter[str] = field(default_factory=Counter)
    fault_at: float = 0.0

    def fault(self) -> None:
        """Note that a fault happens now."""
        self.fault_at = time.monotonic()

    @property
    def log(self) -> EmulatorLog:
        """The emulator's log."""
        return EmulatorLog(self.cluster.paths.emulator / "emulator.log")

    @property
    def kills(self) -> int:
        """How many kills struck."""
        return sum(times for kind, times in self.struck.items() if kind.endswith("killed"))

    def await_pids(self, function: str) -> list[int]:
        """Return a function's processes, waiting a little until there are some."""
        end = time.monotonic() + WORKER_SECONDS
        while not (pids := self.cluster.function_pids(function)) and time.monotonic() < end:
            time.sleep(0.01)
        return pids


@dataclass(frozen=True)
class Fault:
    """A kind of fault; about `share` of a hundred faults are of this kind.

    The system must recover `within` seconds of its last strike. `watch` is called before the fault,
    and returns a function that counts the work that the fault interrupted.
    """

    kind: str
    share: int
    strike: Callable[[FaultTargets], Finish]
    within: float = RECOVERY_SECONDS
    watch: Callable[[FaultTargets], Finish] | None = None


@dataclass
class Context:
    """A fault injection in progress: its writers, accepted entries and recovery times."""

    extent: Extent
    cluster: LocalCluster
    targets: FaultTargets
    accepted: AcceptedEntries
    writers: Sequence[Writer]
    recoveries: dict[str, float] = field(default_factory=dict)
    lag_seconds: float = 0.0
    poison: set[str] = field(default_factory=set)

    @property
    def is_short(self) -> bool:
        """Whether kills or entries are still missing."""
        is_short_of_entries = len(self.accepted.by_id) < self.extent.entries
        return self.targets.kills < self.extent.kills or is_short_of_entries

    def recovered(self, kind: str, seconds: float) -> None:
        """Note a recovery time, if it is the slowest of its kind."""
        self.recoveries[kind] = max(seconds, self.recoveries.get(kind, 0.0))


@contextmanager
def open_context(cluster: LocalCluster, extent: Extent) -> Iterator[Context]:
    """Put proxies before the stores and make a writer for each merchant."""
    servers = cluster.endpoints["servers"]
    with ExitStack() as stack:
        postgres = stack.enter_context(fault_proxy(servers["postgres"]["port"]))
        valkey = stack.enter_context(fault_proxy(servers["valkey"]["port"]))
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
        targets = FaultTargets(
            cluster,
            postgres,
            valkey,
            random.Random(extent.seed),
            lambda: sum(writer.client.failed_attempts for writer in writers),
        )
        yield Context(extent, cluster, targets, accepted, writers)
