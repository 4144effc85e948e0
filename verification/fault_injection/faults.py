"""Every kind of fault: how it strikes, and how often it is chosen."""

import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import wait
from functools import partial

from local.processes import descendants
from verification.fault_injection.context import Context, Fault, Writing
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


def shuffled(chance: random.Random) -> Iterator[Fault]:
    """Yield faults without end: first each kind once, then by their shares, in random order."""
    yield from chance.sample(FAULTS, len(FAULTS))
    deck = [fault for fault in FAULTS for _ in range(fault.share)]
    while True:
        yield from chance.sample(deck, len(deck))


def _kill_function(function: str, times: int, context: Context, _writing: Writing) -> int:
    """Kill a function's processes and their successors, whether they are idle or at work."""
    hits = 0
    for _ in range(times):
        killed = [kill(pid) for pid in context.await_pids(function)]
        context.fault()
        hits += any(killed)
        time.sleep(context.chance.uniform(*_BETWEEN_KILLS))
    return hits


def _kill_store(store: str, context: Context, _writing: Writing) -> int:
    hit = kill(context.cluster.store_pid(store))
    context.fault()
    return int(hit)


def _freeze_store(store: str, context: Context, _writing: Writing) -> int:
    """Stop a store's processes for a while; their sockets stay open and silent."""
    pid = context.cluster.store_pid(store)
    pids = [pid, *descendants(pid)]
    try:
        frozen = [send(pid, signal.SIGSTOP) for pid in pids]
        context.fault()
        time.sleep(context.chance.uniform(*FROZEN_SECONDS))
    finally:
        for pid in pids:
            send(pid, signal.SIGCONT)
    return int(any(frozen))


def _cut(store: str, cut: Cut, context: Context, writing: Writing) -> int:
    proxy: FaultProxy = getattr(context, store)
    proxy.cut(cut, passing=context.chance.choice(_PASSING))
    context.fault()
    wait([writing])
    end = time.monotonic() + CUT_SECONDS
    while proxy.is_armed and time.monotonic() < end:
        time.sleep(0.02)
    return int(proxy.disarm())


def _slow_valkey(context: Context, writing: Writing) -> int:
    before = context.valkey.delays
    context.valkey.delay_seconds = SLOW_SECONDS
    wait([writing])
    context.valkey.delay_seconds = 0.0
    return int(context.valkey.delays > before)


def _flush_valkey(context: Context, _writing: Writing) -> int:
    context.cluster.store_pid("valkey")
    with valkey(context.cluster) as client:
        keys = client.dbsize()
        client.flushall()
    context.fault()
    return int(keys > 0)


def _broken_batches(context: Context) -> Callable[[], int]:
    return partial(context.log.interrupted_batches, context.log.mark())


def _broken_requests(context: Context) -> Callable[[], int]:
    before = context.failed_requests
    return lambda: context.failed_requests - before


FAULTS: Sequence[Fault] = (
    Fault("projector killed", 30, partial(_kill_function, PROJECTOR, 4), watch=_broken_batches),
    Fault("request handler killed", 12, partial(_kill_function, API, 2), watch=_broken_requests),
    Fault("PostgreSQL killed", 12, partial(_kill_store, "postgres")),
    Fault("Valkey killed", 10, partial(_kill_store, "valkey")),
    Fault("PostgreSQL frozen", 4, partial(_freeze_store, "postgres")),
    Fault("Valkey frozen", 4, partial(_freeze_store, "valkey")),
    Fault("Valkey slow", 4, _slow_valkey),
    Fault("Valkey flushed", 6, _flush_valkey),
    Fault("connection to PostgreSQL cut before the commit", 9, partial(_cut, "postgres", "before")),
    Fault("connection to PostgreSQL cut after the commit", 9, partial(_cut, "postgres", "after")),
    Fault("connection to Valkey cut before the command", 4, partial(_cut, "valkey", "before")),
    Fault("connection to Valkey cut after the command", 4, partial(_cut, "valkey", "after")),
    *RUN_FAULTS,
)
