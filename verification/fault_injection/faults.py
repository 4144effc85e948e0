"""Every kind of fault: how it strikes, and how often it is chosen."""

import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

from local.processes import descendants
from verification.fault_injection.context import Fault, FaultTargets, Finish
from verification.fault_injection.recovery import valkey
from verification.fault_injection.run_faults import RUN_FAULTS
from verification.kit.fault_proxy import Cut, FaultProxy
from verification.local_cluster import API, PROJECTOR, kill, send

FROZEN_SECONDS = (0.5, 2.5)
SLOW_SECONDS = 0.2
CUT_SECONDS = 1.0
_PASSING = (0, 0, 0, 1, 2, 3)
"""Messages that pass before a cut: with 0 the batch is cut, else a new connection."""
_BETWEEN_KILLS = (0.0, 0.4)

Strike = Callable[[FaultTargets], Finish]


def shuffled(chance: random.Random) -> Iterator[Fault]:
    """Yield faults without end: first each kind once, then by their shares, in random order."""
    yield from chance.sample(FAULTS, len(FAULTS))
    deck = [fault for fault in FAULTS for _ in range(fault.share)]
    while True:
        yield from chance.sample(deck, len(deck))


def _kill_function(function: str, times: int) -> Strike:
    """Kill a function's processes and their successors, whether they are idle or at work."""

    def strike(targets: FaultTargets) -> Finish:
        hits = 0
        for _ in range(times):
            killed = [kill(pid) for pid in targets.await_pids(function)]
            targets.fault()
            hits += any(killed)
            time.sleep(targets.chance.uniform(*_BETWEEN_KILLS))
        return lambda: hits

    return strike


def _kill_store(store: str) -> Strike:
    def strike(targets: FaultTargets) -> Finish:
        hit = kill(targets.cluster.store_pid(store))
        targets.fault()
        return lambda: int(hit)

    return strike


def _freeze_store(store: str) -> Strike:
    """Stop a store's processes for a while; their sockets stay open and silent."""

    def strike(targets: FaultTargets) -> Finish:
        pid = targets.cluster.store_pid(store)
        pids = [pid, *descendants(pid)]
        try:
            frozen = [send(pid, signal.SIGSTOP) for pid in pids]
            targets.fault()
            time.sleep(targets.chance.uniform(*FROZEN_SECONDS))
        finally:
            for pid in pids:
                send(pid, signal.SIGCONT)
        return lambda: int(any(frozen))

    return strike


def _cut(cut: Cut, proxy_of: Callable[[FaultTargets], FaultProxy]) -> Strike:
    def strike(targets: FaultTargets) -> Finish:
        proxy = proxy_of(targets)
        proxy.cut(cut, passing=targets.chance.choice(_PASSING))
        targets.fault()

        def finish() -> int:
            end = time.monotonic() + CUT_SECONDS
            while proxy.is_armed and time.monotonic() < end:
                time.sleep(0.02)
            return int(proxy.disarm())

        return finish

    return strike


def _slow_valkey(targets: FaultTargets) -> Finish:
    before = targets.valkey.delays
    targets.valkey.delay_seconds = SLOW_SECONDS

    def finish() -> int:
        targets.valkey.delay_seconds = 0.0
        return int(targets.valkey.delays > before)

    return finish


def _flush_valkey(targets: FaultTargets) -> Finish:
    targets.cluster.store_pid("valkey")
    with valkey(targets.cluster) as client:
        keys = client.dbsize()
        client.flushall()
    targets.fault()
    return lambda: int(keys > 0)


def _interrupted_batches(targets: FaultTargets) -> Finish:
    since = targets.log.mark()
    return lambda: targets.log.interrupted_batches(since)


def _interrupted_requests(targets: FaultTargets) -> Finish:
    before = targets.failed_attempts()
    return lambda: targets.failed_attempts() - before


_POSTGRES, _VALKEY = attrgetter("postgres"), attrgetter("valkey")
FAULTS: Sequence[Fault] = (
    Fault("projector killed", 30, _kill_function(PROJECTOR, times=4), watch=_interrupted_batches),
    Fault("request handler killed", 12, _kill_function(API, times=2), watch=_interrupted_requests),
    Fault("PostgreSQL killed", 12, _kill_store("postgres")),
    Fault("Valkey killed", 10, _kill_store("valkey")),
    Fault("PostgreSQL frozen", 4, _freeze_store("postgres")),
    Fault("Valkey frozen", 4, _freeze_store("valkey")),
    Fault("Valkey slow", 4, _slow_valkey),
    Fault("Valkey flushed", 6, _flush_valkey),
    Fault("connection to PostgreSQL cut before the commit", 9, _cut("before", _POSTGRES)),
    Fault("connection to PostgreSQL cut after the commit", 9, _cut("after", _POSTGRES)),
    Fault("connection to Valkey cut before the command", 4, _cut("before", _VALKEY)),
    Fault("connection to Valkey cut after the command", 4, _cut("after", _VALKEY)),
    *RUN_FAULTS,
)
