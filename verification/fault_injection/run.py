"""The drill itself: faults by chance while entries are written, and after each the way back."""

import time
from collections import Counter
from collections.abc import Iterator
from functools import partial

from verification.fault_injection.audit import Audit, audit, with_repairs
from verification.fault_injection.burst import Burst
from verification.fault_injection.context import Drill, staged
from verification.fault_injection.faults import FAULTS, shuffled
from verification.fault_injection.local_stage import SECONDS_TO_BE_WELL, Fault
from verification.fault_injection.nights import night_statuses
from verification.fault_injection.outcome import Extent, Outcome
from verification.fault_injection.poison import parked
from verification.fault_injection.poison_round import POISON, poison_round
from verification.fault_injection.recovery import Wanted, await_shown, until_well
from verification.fault_injection.seal_audit import SealAudit, audit_seals
from verification.fault_injection.writing import Writer
from verification.local_cluster import Tell, laptop

MOST_TRIES = 5
"""How often a fault that never struck is tried again at the end of a full drill."""
KINDS = frozenset({POISON, *(fault.kind for fault in FAULTS)})
ENTRIES_FOR_MORE_POISON = 1000
MOMENT_SECONDS = (0.0, 0.25)
"""How long after the first request of a burst a fault strikes."""


def run(extent: Extent, tell: Tell) -> Outcome:
    """Drill a laptop cloud of its own; raises when it does not get well by itself in time."""
    started = time.monotonic()
    with laptop(tell) as cloud, staged(cloud, extent) as drill:
        tell(f"  seed {extent.seed}: {extent.kills} kills, {extent.entries:,} entries at least")
        poison_round(drill)
        in_time = _faults(drill, started + extent.minutes * 60, tell)
        if extent.entries >= ENTRIES_FOR_MORE_POISON:
            poison_round(drill)
        tell("  holding everything that was accepted against what the service tells …")
        result, seals = audited(drill)
        return _outcome(drill, result, seals, in_time, time.monotonic() - started)


def audited(drill: Drill) -> tuple[Audit, SealAudit]:
    """Audit first what nothing has repaired, then close all days, and have all rebuilt at last."""
    consumers = [writer.consumer for writer in drill.writers]
    result = audit(drill.book, consumers)
    seals = audit_seals(drill.laptop, drill.book, consumers)  # closing a day puts it right
    return with_repairs(result, drill.laptop), seals


def _faults(drill: Drill, end: float, tell: Tell) -> bool:
    """Strike until enough is done; say whether there was time for all of it."""
    result = time.monotonic()
    for fault in chosen(drill):
        if time.monotonic() > end:
            tell("  out of time: the rest of the faults is left out")
            return False
        _step(drill, fault)
        if time.monotonic() - result > 10:
            result = time.monotonic()
            tell(
                f"  {drill.stage.kills:4} kills, {drill.stage.done.total():4} faults, "
                f"{len(drill.book.entries):6,} entries accepted"
            )
    return True


def chosen(drill: Drill) -> Iterator[Fault]:
    """Yield faults while something is missing, at the end of a full drill what never struck."""
    by_chance = shuffled(drill.stage.chance)
    while drill.short_of:
        yield next(by_chance)
    if drill.extent.is_full:
        for fault in FAULTS:
            for _ in range(MOST_TRIES):
                if not drill.stage.done[fault.kind]:
                    yield fault


def _step(drill: Drill, fault: Fault) -> None:
    """Write, let a fault strike in the midst of it, and wait until all is well again."""
    stage = drill.stage
    writer = stage.chance.choice(drill.writers)
    learn = fault.watch(stage) if fault.watch else None
    burst = Burst(lambda: writer.write(_entries_now(drill)), partial(_see, drill, writer))
    time.sleep(stage.chance.uniform(*MOMENT_SECONDS))
    stage.fault()
    settle = fault.strike(stage)
    newest = burst.result()
    hits = settle()
    stage.done[fault.kind] += hits
    wanted = Wanted(newest, drill.book.entries[newest].day, stage.blow_at, fault.within, fault.kind)
    seconds = until_well(writer.consumer, wanted)
    drill.lag_seconds = max(drill.lag_seconds, burst.lag_seconds)
    if learn:
        stage.broken[fault.kind] += learn()
    if hits:
        drill.recovered(fault.kind, seconds)


def _see(drill: Drill, writer: Writer, newest: str) -> None:
    """Wait until an entry is shown, beside whatever else goes on."""
    day = drill.book.entries[newest].day
    since = time.monotonic()
    await_shown(writer.consumer, Wanted(newest, day, since, SECONDS_TO_BE_WELL, "it was written"))


def _entries_now(drill: Drill) -> int:
    """Return how many entries to write, so that kills and entries are done together."""
    kills_left = max(1, drill.extent.kills - drill.stage.kills)
    entries_left = max(1, drill.extent.entries - len(drill.book.entries))
    # A step kills twice on the average.
    return min(500, max(5, 2 * entries_left // kills_left))


def _outcome(
    drill: Drill, found: Audit, seals: SealAudit, in_time: bool, seconds: float
) -> Outcome:
    requests: Counter[str] = Counter()
    for writer in drill.writers:
        requests.update(writer.consumer.tries)
    return Outcome(
        seed=drill.extent.seed,
        seconds=round(seconds, 1),
        requests=dict(requests),
        in_time=in_time,
        faults={kind: drill.stage.done[kind] for kind in sorted(KINDS)},
        kills=drill.stage.kills,
        broken=dict(sorted(drill.stage.broken.items())),
        replays=sum(writer.replays for writer in drill.writers),
        reversals=sum(writer.reversals for writer in drill.writers),
        poison_parked=len(parked(drill.laptop, drill.poison)),
        slowest_recovery_seconds={k: round(s, 1) for k, s in sorted(drill.recoveries.items())},
        largest_lag_seconds=round(drill.lag_seconds, 1),
        nights=night_statuses(drill.laptop),
        seals=seals,
        audit=found,
    )
