"""Every fault of a drill, how it is done, and how often it is chosen."""

import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence

from local.processes import descendants
from verification.fault_injection.fault_proxy import Cut, Wire
from verification.fault_injection.local_stage import Fault, Settle, Stage, workers_soon
from verification.fault_injection.night_faults import NIGHT_FAULTS
from verification.fault_injection.stores import valkey
from verification.local_cluster import API, PROJECTOR, kill, send

FROZEN_SECONDS = (0.5, 2.5)
SLOW_SECONDS = 0.2
SECONDS_FOR_A_CUT = 1.0
_PASSING = (0, 0, 0, 1, 2, 3)
"""Messages that pass before a cut: with none it is the batch, else a new connection's."""
_BETWEEN_KILLS = (0.0, 0.4)


def shuffled(chance: random.Random) -> Iterator[Fault]:
    """Yield faults without end: first each kind once, then by their shares, always by chance."""
    yield from chance.sample(FAULTS, len(FAULTS))
    deck = [fault for fault in FAULTS for _ in range(fault.share)]
    while True:
        yield from chance.sample(deck, len(deck))


def _kill_workers(function: str, times: int) -> Callable[[Stage], Settle]:
    """Kill a function's processes, and those that follow them, whatever they are at.

    Some are idle and some begin; what broke off is counted by itself.
    """

    def strike(stage: Stage) -> Settle:
        hits = 0
        for _ in range(times):
            killed = [kill(pid) for pid in workers_soon(stage.laptop, function)]
            stage.fault()
            hits += any(killed)
            time.sleep(stage.chance.uniform(*_BETWEEN_KILLS))
        return lambda: hits

    return strike


def _kill_server(store: str) -> Callable[[Stage], Settle]:
    def strike(stage: Stage) -> Settle:
        hit = kill(stage.laptop.server(store))
        stage.fault()
        return lambda: int(hit)

    return strike


def _freeze_server(store: str) -> Callable[[Stage], Settle]:
    """Let a server's processes stand still for a while; their sockets stay open, and silent."""

    def strike(stage: Stage) -> Settle:
        pid = stage.laptop.server(store)
        family = [pid, *descendants(pid)]
        try:
            frozen = [send(one, signal.SIGSTOP) for one in family]
            stage.fault()
            time.sleep(stage.chance.uniform(*FROZEN_SECONDS))
        finally:
            for one in family:
                send(one, signal.SIGCONT)
        return lambda: int(any(frozen))

    return strike


def _cut(cut: Cut, wire_of: Callable[[Stage], Wire]) -> Callable[[Stage], Settle]:
    def strike(stage: Stage) -> Settle:
        wire = wire_of(stage)
        wire.arm(cut, stage.chance.choice(_PASSING))
        stage.fault()
        return lambda: int(_is_cut_soon(wire))

    return strike


def _is_cut_soon(wire: Wire) -> bool:
    """Disarm a wire, once it is cut or some seconds have gone; say whether it was cut."""
    end = time.monotonic() + SECONDS_FOR_A_CUT
    while wire.is_armed and time.monotonic() < end:
        time.sleep(0.02)
    return wire.disarm()


def _slow(stage: Stage) -> Settle:
    before = stage.valkey.delays
    stage.valkey.delay_seconds = SLOW_SECONDS

    def settle() -> int:
        stage.valkey.delay_seconds = 0.0
        return int(stage.valkey.delays > before)

    return settle


def _flush(stage: Stage) -> Settle:
    stage.laptop.server("valkey")
    with valkey(stage.laptop) as client:
        held = client.dbsize()
        client.flushall()
    stage.fault()
    return lambda: int(held > 0)


def _broken_batches(stage: Stage) -> Settle:
    since = stage.log.mark()
    return lambda: stage.log.broken_batches(since)


def _broken_requests(stage: Stage) -> Settle:
    before = stage.unanswered()
    return lambda: stage.unanswered() - before


FAULTS: Sequence[Fault] = (
    Fault("projector killed", 30, _kill_workers(PROJECTOR, times=4), watch=_broken_batches),
    Fault("request handler killed", 12, _kill_workers(API, times=2), watch=_broken_requests),
    Fault("PostgreSQL killed", 12, _kill_server("postgres")),
    Fault("Valkey killed", 10, _kill_server("valkey")),
    Fault("PostgreSQL frozen", 4, _freeze_server("postgres")),
    Fault("Valkey frozen", 4, _freeze_server("valkey")),
    Fault("Valkey slow", 4, _slow),
    Fault("Valkey flushed", 6, _flush),
    Fault("wire to PostgreSQL cut before the commit", 9, _cut("before", lambda s: s.postgres)),
    Fault("wire to PostgreSQL cut after the commit", 9, _cut("after", lambda s: s.postgres)),
    Fault("wire to Valkey cut before the command", 4, _cut("before", lambda s: s.valkey)),
    Fault("wire to Valkey cut after the command", 4, _cut("after", lambda s: s.valkey)),
    *NIGHT_FAULTS,
)
