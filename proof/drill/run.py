"""The drill itself: faults by chance while entries are written, and after each the way back."""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from proof.drill.audit import Audit, audit, with_repairs
from proof.drill.book import Book
from proof.drill.burst import Burst
from proof.drill.consumer import Consumer
from proof.drill.faults import shuffled
from proof.drill.nights import night_statuses
from proof.drill.outcome import Extent, Outcome
from proof.drill.poison import ROUND_OF, held_back, parked, put_poison
from proof.drill.seal_audit import SealAudit, audit_seals
from proof.drill.stage import Fault, Stage
from proof.drill.wires import wire
from proof.drill.writing import Writer
from proof.laptop import API, PROJECTOR, CloudFell, Laptop, Tell, laptop

SECONDS_TO_BE_WELL = 60.0
ENTRIES_FOR_MORE_POISON = 1000
MOMENT_SECONDS = (0.0, 0.25)
"""How long after the first request of a burst a fault strikes."""


@dataclass
class Drill:
    """A drill on the way: who writes, what was accepted, and how long recovery took."""

    extent: Extent
    laptop: Laptop
    stage: Stage
    book: Book
    writers: Sequence[Writer]
    recoveries: dict[str, float] = field(default_factory=dict)
    lag_seconds: float = 0.0
    poison: set[str] = field(default_factory=set)

    @property
    def short_of(self) -> bool:
        """Whether kills or entries are still missing."""
        return self.stage.kills < self.extent.kills or len(self.book.entries) < self.extent.entries


def run(extent: Extent, tell: Tell) -> Outcome:
    """Drill a laptop cloud of its own; raises when it does not get well by itself in time."""
    started = time.monotonic()
    with laptop(tell) as cloud, _staged(cloud, extent) as drill:
        tell(f"  seed {extent.seed}: {extent.kills} kills, {extent.entries:,} entries at least")
        _poison_round(drill)
        _faults(drill, started + extent.minutes * 60, tell)
        if extent.entries >= ENTRIES_FOR_MORE_POISON:
            _poison_round(drill)
        tell("  holding everything that was accepted against what the service tells …")
        found, seals = audited(drill)
        return _outcome(drill, found, seals, time.monotonic() - started)


def audited(drill: Drill) -> tuple[Audit, SealAudit]:
    """Audit first what nothing has repaired, then close all days, and have all rebuilt at last."""
    consumers = [writer.consumer for writer in drill.writers]
    found = audit(drill.book, consumers)
    seals = audit_seals(drill.laptop, drill.book, consumers)  # closing a day puts it right
    return with_repairs(found, drill.laptop), seals


@contextmanager
def _staged(cloud: Laptop, extent: Extent) -> Iterator[Drill]:
    servers = cloud.endpoints["servers"]
    with ExitStack() as at_the_end:
        postgres = at_the_end.enter_context(wire(servers["postgres"]["port"]))
        valkey = at_the_end.enter_context(wire(servers["valkey"]["port"]))
        # Requests read PostgreSQL straight, so that a cut is always the projector's.
        cloud.set_variables(PROJECTOR, {"DATABASE_PORT": str(postgres.port)})
        for function in (PROJECTOR, API):
            cloud.set_variables(function, {"REDIS_PORT": str(valkey.port)})
        book = Book()
        users = {"operator": "padaria", "rival": "rival"}
        # All use the same keys, for a key belongs to its merchant and says nothing to others.
        writers = [
            Writer(Consumer(cloud, user, merchant), book, f"{extent.seed}-{merchant}", keys="key")
            for user, merchant in users.items()
        ]
        stage = Stage(cloud, postgres, valkey, random.Random(extent.seed))
        yield Drill(extent, cloud, stage, book, writers)


def _faults(drill: Drill, end: float, tell: Tell) -> None:
    told = time.monotonic()
    faults = shuffled(drill.stage.chance)
    while drill.short_of:
        if time.monotonic() > end:
            tell("  out of time: the rest of the faults is left out")
            return
        _step(drill, next(faults))
        if time.monotonic() - told > 10:
            told = time.monotonic()
            tell(
                f"  {drill.stage.kills:4} kills, {drill.stage.done.total():4} faults, "
                f"{len(drill.book.entries):6,} entries accepted"
            )


def _step(drill: Drill, fault: Fault) -> None:
    """Write, let a fault strike in the midst of it, and wait until all is well again."""
    writer = drill.stage.chance.choice(drill.writers)
    burst = Burst(lambda: writer.write(_entries_now(drill)))
    time.sleep(drill.stage.chance.uniform(*MOMENT_SECONDS))
    settle = fault.strike(drill.stage)
    newest = burst.result()
    hits = settle()
    drill.stage.done[fault.kind] += hits
    seconds = _until_well(drill, writer, newest, fault.kind)
    drill.lag_seconds = max(drill.lag_seconds, time.monotonic() - burst.accepted_at)
    slowest = max(seconds, drill.recoveries.get(fault.kind, 0.0))
    drill.recoveries[fault.kind] = slowest


def _entries_now(drill: Drill) -> int:
    """Return how many entries to write, so that kills and entries are done together."""
    kills_left = max(1, drill.extent.kills - drill.stage.kills)
    entries_left = max(1, drill.extent.entries - len(drill.book.entries))
    # A step kills twice on the average.
    return min(500, max(5, 2 * entries_left // kills_left))


def _until_well(drill: Drill, writer: Writer, newest: str, kind: str) -> float:
    """Wait until the newest entry is in the balance; return the seconds that it took."""
    started = time.monotonic()
    today = drill.book.entries[newest].day
    while time.monotonic() - started < SECONDS_TO_BE_WELL:
        answer = writer.consumer.get(f"/v1/daily-balances/{today}?after={newest}")
        if answer["freshness"]["complete"]:
            return time.monotonic() - started
    raise CloudFell(f"not well again within {SECONDS_TO_BE_WELL:.0f} s after: {kind}")


def _poison_round(drill: Drill) -> None:
    """Put poison at each place of a batch in turn, entries at the others."""
    for place in range(ROUND_OF):
        writer = drill.writers[place % len(drill.writers)]
        newest = ""
        with held_back(drill.laptop):
            for number in range(ROUND_OF):
                if number == place:
                    drill.poison.add(put_poison(drill.laptop, len(drill.poison)))
                else:
                    newest = writer.write(1)
        drill.stage.done["poison in a batch"] += 1
        _until_well(drill, writer, newest, "poison in a batch")


def _outcome(drill: Drill, found: Audit, seals: SealAudit, seconds: float) -> Outcome:
    requests: Counter[str] = Counter()
    for writer in drill.writers:
        requests.update(writer.consumer.tries)
    return Outcome(
        seed=drill.extent.seed,
        seconds=round(seconds, 1),
        requests=dict(requests),
        faults=dict(sorted(drill.stage.done.items())),
        kills=drill.stage.kills,
        replays=sum(writer.replays for writer in drill.writers),
        reversals=sum(writer.reversals for writer in drill.writers),
        poison_parked=len(parked(drill.laptop, drill.poison)),
        slowest_recovery_seconds={k: round(s, 1) for k, s in sorted(drill.recoveries.items())},
        largest_lag_seconds=round(drill.lag_seconds, 1),
        nights=night_statuses(drill.laptop),
        seals=seals,
        audit=found,
    )
