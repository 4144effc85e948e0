"""A story: some days of merchants' work, mishaps and nights, from one seed, checked to the cent.

Each story has its own mixture of what happens, its own faults, and now and then a stream that loses
or a read model that somebody alters. At its end nothing fails any more, what is left is delivered,
the days are closed, and everything must be true.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from verification.simulation import (
    actions,
    final_invariants,
    running_invariants,
    seals_hold,
    store_faults,
)
from verification.simulation.actions import Action
from verification.simulation.context import Context
from verification.simulation.expected_book import Fact
from verification.simulation.merchants import Merchants
from verification.simulation.night import Nights
from verification.simulation.schedule import EndlessRunError
from verification.simulation.stores.stream import SHARDS
from verification.simulation.violations import ALARM, LOST, STUCK, InvariantError, check
from verification.simulation.world import World

ACTIONS: Mapping[str, Action] = {
    "record entry": actions.post,
    "record late entry": actions.post_late,
    "record batch": actions.post_batch,
    "replay request": actions.replay,
    "reuse key": actions.reuse,
    "reverse entry": actions.reverse_one,
    "erase texts": actions.erase_one,
    "get entry": actions.look_up_one,
    "deliver stream": actions.deliver,
    "close day": actions.close_day,
    "start nightly run": actions.trigger_night,
    "rebuild": actions.rebuild_some,
    "read balances": running_invariants.read_balances,
    "list entries": running_invariants.read_list,
    "flush Redis": store_faults.flush,
    "replicate Redis": store_faults.replicate,
    "fail over Redis": store_faults.fail_over,
    "stop store": store_faults.take_down,
    "rewind stream": store_faults.rewind,
    "trim stream": store_faults.trim,
    "alter read model": store_faults.damage,
    "insert invalid record": store_faults.poison,
}
"""Every action by its label, which is part of all saved traces."""
# Chance chooses by position: the order is part of every story.
OFTEN: Mapping[str, int] = {
    "record entry": 12,
    "record batch": 3,
    "replay request": 4,
    "reuse key": 1,
    "reverse entry": 3,
    "erase texts": 1,
    "get entry": 2,
    "deliver stream": 16,
    "close day": 2,
    "rebuild": 6,
    "read balances": 3,
    "list entries": 1,
    "flush Redis": 1,
    "replicate Redis": 1,
    "fail over Redis": 1,
    "stop store": 1,
    "rewind stream": 1,
}
SELDOM: Mapping[str, int] = {"trim stream": 2, "alter read model": 1, "insert invalid record": 1}
SELDOM_AT_ALL = 0.2
Narrate = Callable[[str], None]
Twist = Callable[[World], None]
"""Changes a world before its story begins: how a mutant gets in."""


@dataclass(frozen=True)
class Told:
    """What a story was: how much of what, and its trace with the trace's digest."""

    counts: Counter[str]
    digest: str
    trace: Sequence[str]


def tell(seed: object, twist: Twist | None = None, narrate: Narrate | None = None) -> Told:
    """Tell the story of a seed; raise InvariantError when something did not stay true.

    `narrate` is handed a line for whatever happens.
    """
    world = World(seed)
    if twist is not None:
        twist(world)
    story = Scenario(world, narrate or (lambda line: None))
    with world.listening():
        try:
            story.live()
            story.come_to_rest()
        except EndlessRunError as stuck:
            raise InvariantError(STUCK, str(stuck)) from stuck
    world.trace_stores()
    return Told(story.counts(), world.trace.digest(), world.trace.lines)


class Scenario:
    """One world's story."""

    def __init__(self, world: World, narrate: Narrate) -> None:
        self.world = world
        self._narrate = narrate
        world.wire.listener = lambda port, fate: self._tell(f"  {port}: {fate.value}")
        self._chance = world.chance("story")
        old = world.clock.today.year > 2020
        self.cast = Context(
            world,
            Merchants(world),
            Nights(world, impatient=self._chance.random() < 0.3),
            longest_ago=timedelta(days=1700 if old else 250),
        )
        self._mixture = _mixture(self._chance)
        self._published: seals_hold.Published = {}

    def live(self) -> None:
        """Let things happen, day after day."""
        for _ in range(self._chance.randint(2, 5)):
            for _ in range(self._chance.randint(4, 22)):
                self._happen()
            self.world.clock.leap(timedelta(hours=self._chance.choice((8, 15, 24, 30))))
            self._act("start nightly run")
            if self._chance.random() < 0.4:
                self._act("close day")
            for _ in range(self._chance.choice((0, 3, 8))):
                # While yesterday is closed, its last entries come in.
                self._act("record late entry")
                self.world.schedule.run(self._chance.randrange(40))

    def come_to_rest(self) -> None:
        """Let nothing fail any more, and demand that everything is true in the end."""
        self._tell("everything works from now on")
        self.world.trace.add("no faults from now on", self.world.clock.now)
        self.world.calm()
        self.world.schedule.run()
        self._deliver_all()
        facts = final_invariants.facts_of(self.world, self.cast.merchants.book)
        is_rebuilt = self._needs_repair and self._chance.random() < 0.5
        if is_rebuilt:
            for _ in range(3):  # or there would seldom be much left for it to find
                self._act("alter read model")
            check(actions.rebuilt(self.world, None), STUCK, "a rebuild fails with nothing down")
        if is_rebuilt or not self._needs_repair:
            running_invariants.check_totals(self.world)
            final_invariants.check_reads(self.world, facts)
        else:
            self._thirty_nights()
        self._close_all(facts)
        self._check_alarms()

    def counts(self) -> Counter[str]:
        """Return what there was of what."""
        world, requests = self.world, self.cast.merchants.book.requests
        faults = {f"fault: {fate.value}": n for fate, n in world.wire.faults.items()}
        return Counter(
            {
                "calls": len(world.wire.calls),
                "requests": len(requests),
                "sent": sum(request.sent for request in requests),
                "answers": sum(len(one.answers) + one.done for one in requests),
                "entries": len(final_invariants.ledger_entries(world)),
                "closings": len(world.tables.closings),
                "repairs": len(world.tables.repairs),
                "nights": len(world.machine.names),
                **faults,
            }
        )

    @property
    def _needs_repair(self) -> bool:
        return self.cast.is_damaged or self.world.stream.trimmed > 0

    def _happen(self) -> None:
        self._act(self._chance.choices(*self._mixture)[0])
        self.world.clock.leap(timedelta(seconds=self._chance.choice((0, 0, 1, 30, 900))))
        self.world.schedule.run(self._chance.choice((0, 3, 10, 40, 150)))
        seals_hold.check_unchanged(self.world, self._published)
        self._published = seals_hold.published(self.world)

    def _act(self, label: str) -> None:
        self._tell(label)
        self.world.trace.add(f"action {label}", self.world.clock.now)
        ACTIONS[label](self.cast, self._chance)

    def _tell(self, line: str) -> None:
        self._narrate(f"{self.world.clock.now:%Y-%m-%d %H:%M:%S} {line}")

    def _deliver_all(self) -> None:
        for shard in range(SHARDS):
            while self.world.stream.behind(shard):
                before = self.world.stream.behind(shard)
                actions.carry(self.cast, shard, most=50)
                self.world.schedule.run()
                after = self.world.stream.behind(shard)
                check(after < before, STUCK, "the projector does not take what it is given")

    def _thirty_nights(self) -> None:
        # What the stream lost lately is waited for in vain, by that day's own night alone.
        for may_be_behind in (True, *[False] * 29):
            self.world.clock.leap(timedelta(days=1))
            self._night(may_be_behind)

    def _close_all(self, facts: list[Fact]) -> None:
        self.world.clock.leap(timedelta(days=2))
        self._night()
        running_invariants.check_totals(self.world)
        final_invariants.check_reads(self.world, facts)
        seals_hold.check_unchanged(self.world, self._published)
        seals_hold.check_chains(self.world)
        seals_hold.check_all_closed(self.world, facts, self.world.clock.today - timedelta(days=1))

    def _night(self, may_be_behind: bool = False) -> None:
        name = self.cast.nights.again(self.world.clock.today - timedelta(days=1))
        self.world.schedule.run()
        status = self.cast.nights.status[name]
        is_good = status == "succeeded" or (may_be_behind and status == "behind")
        check(is_good, STUCK, f"{name}: {status} with nothing down")

    def _check_alarms(self) -> None:
        said = self.world.said
        if not self.cast.is_damaged:
            check(not said["entry_differs"], ALARM, "an entry is told to differ")
        parked = {_name(message) for message in self.world.queue.messages}
        missing = [name for name in self.cast.poison if name not in parked]
        check(not missing or self.world.stream.trimmed > 0, LOST, f"{missing} were not parked")
        check(parked <= set(self.cast.poison), ALARM, f"{parked} are parked, and good")


def _mixture(chance: random.Random) -> tuple[list[str], list[int]]:
    weights = {label: weight * chance.choice((0, 1, 1, 2)) for label, weight in OFTEN.items()}
    weights["record entry"] += 1
    rare = {label: weight for label, weight in SELDOM.items() if chance.random() < SELDOM_AT_ALL}
    weights |= rare
    return list(weights), list(weights.values())


def _name(message: Mapping[str, object]) -> str:
    record = message["record"]
    assert isinstance(record, dict)
    return str(record["dynamodb"]["Keys"]["entry_id"]["S"])
