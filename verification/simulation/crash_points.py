"""One fixed story, with a crash before or after any one of its calls to a port.

The story is told once without a fault, and its calls are counted; then it is told again for each of
them, with a crash there. What was cut off is done again at once, or later, or never: never again by
who began it, for the stream, the next night and a rebuild come in any case.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import partial

from chalicelib.commands.start_closing import ClosingRequest, start_closing
from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.principal import Principal
from chalicelib.projection.project import project
from verification.simulation import (
    actions,
    final_invariants,
    running_invariants,
    seals_hold,
    store_faults,
)
from verification.simulation.context import Context
from verification.simulation.expected_book import Request
from verification.simulation.fault_proxy import Fate
from verification.simulation.merchants import Merchants
from verification.simulation.new_requests import said_at
from verification.simulation.night import TRIES, Nights
from verification.simulation.scenario import Twist
from verification.simulation.stores.stream import SHARDS, Record
from verification.simulation.violations import STUCK, check
from verification.simulation.world import NoAnswerError, World

CRASHES = (Fate.CRASHED_BEFORE, Fate.CRASHED_AFTER)
Work = Callable[[], object]


class Retry(Enum):
    """When what a crash cut off is done again."""

    AT_ONCE = "at once"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True)
class CrashPoint:
    """Where the process ends: at which call to a port, counted from 0, and on which side of it."""

    call: int
    fate: Fate


def points(retry: Retry) -> Iterator[CrashPoint]:
    """Yield every point at which the story can be cut off."""
    for call in range(len(ports(retry))):
        for fate in CRASHES:
            yield CrashPoint(call, fate)


def ports(retry: Retry) -> list[str]:
    """Return the ports that the story calls, one after the other, where no crash is planned."""
    story = _Story(None, retry)
    story.tell()
    return story.ports


def tell(point: CrashPoint, retry: Retry, twist: Twist | None = None) -> bool:
    """Tell the story with a crash; raise InvariantError when it shows.

    Return whether the crash came to pass.
    """
    story = _Story(point, retry, twist)
    story.tell()
    return story.crashed


class _Story:
    def __init__(self, point: CrashPoint | None, retry: Retry, twist: Twist | None = None) -> None:
        self._point = point
        self._retry = retry
        self._left: list[Work] = []
        self._is_watched = False
        self.ports: list[str] = []
        self.crashed = False
        self._world = World("crash points", self._fate)
        world = self._world
        world.table.is_calm = world.bus.is_calm = world.queue.is_calm = world.bucket.is_calm = True
        if twist is not None:
            twist(self._world)
        merchants = Merchants(self._world)
        tries = TRIES if retry is Retry.AT_ONCE else 1
        nights = Nights(self._world, impatient=False, tries=tries)
        self._cast = Context(self._world, merchants, nights, longest_ago=timedelta(0))

    def tell(self) -> None:
        """Tell the story to its end, and demand that all is true then."""
        with self._world.listening():
            self._first_day()
            self._second_day()
            self._is_watched = True
            for work in self._left:
                self._run(work)
            self._come_to_rest()

    def _first_day(self) -> None:
        sale, loss, gift = (_entry(n) for n in (1, 2, 3))
        self._send(sale)
        self._do(lambda: self._cast.merchants.send_batch([loss, gift], 1))
        self._deliver()
        self._send(_about(sale, "undo"))
        self._send(_about(loss, None))
        self._deliver()
        self._send(sale)
        if self._retry is Retry.AT_ONCE:
            self._check_projection()
        self._next_day()

    def _second_day(self) -> None:
        late = _entry(4)
        self._send(said_at(late, self._world.clock.now - timedelta(days=1)))
        self._deliver()
        self._close_yesterday()
        self._do(lambda: actions.rebuilt(self._world, "padaria"))
        self._alter_the_read_model()
        self._do(lambda: actions.rebuilt(self._world, None))
        self._alter_the_read_model()
        store_faults.poison(self._cast, self._world.chance("poison"))
        self._deliver()
        self._next_day()

    def _check_projection(self) -> None:
        # Before any night or rebuild could have put it right.
        self._deliver()
        self._is_watched = True
        running_invariants.check_totals(self._world)
        facts = final_invariants.facts_of(self._world, self._cast.merchants.book)
        final_invariants.check_reads(self._world, facts)
        self._is_watched = False

    def _alter_the_read_model(self) -> None:
        tables, chance = self._world.tables, self._world.chance("damage")
        if tables.entries:
            store_faults.alter_row(tables, chance)
            store_faults.alter_total(tables, chance)

    def _next_day(self) -> None:
        self._world.clock.leap(timedelta(days=1))
        yesterday = self._world.clock.today - timedelta(days=1)
        self._do(lambda: self._cast.nights.trigger(yesterday))

    def _close_yesterday(self) -> None:
        day = self._world.clock.today - timedelta(days=1)
        request = ClosingRequest(day, "close", {"day": day.isoformat()})
        caller = Principal("padaria", "alice")
        self._do(lambda: start_closing(self._world.commands(), caller, request))

    def _send(self, request: Request) -> None:
        self._do(lambda: self._cast.merchants.send(request, 1))

    def _deliver(self) -> None:
        for shard in range(SHARDS):
            records, end = self._world.stream.batch(shard, 50)
            if records:
                self._do(partial(self._project, records))
                # Where nobody does it again, the records are gone as if a day had passed.
                self._world.stream.advance(shard, end)

    def _project(self, records: Sequence[Record]) -> None:
        project(records, self._world.projection())

    def _do(self, work: Work) -> None:
        """Do a piece of the story, and again if it was cut off, when it is to be."""
        had_crashed = self.crashed
        self._run(work)
        if self.crashed and not had_crashed:
            if self._retry is Retry.AT_ONCE:
                self._run(work)
            elif self._retry is Retry.LATER:
                self._left.append(work)

    def _run(self, work: Work) -> None:
        def once() -> None:
            with suppress(NoAnswerError):
                self._world.invoke(work)

        self._world.schedule.start(once)
        self._world.schedule.run()

    def _fate(self, port: str) -> Fate:
        self._world.clock.tick()
        if self._is_watched:
            return Fate.ANSWERED
        call = len(self.ports)
        is_first = port not in self.ports
        self.ports.append(port)
        if self._point is not None and call == self._point.call:
            self.crashed = True
            return self._point.fate
        # One night's closings are left over in any case, so that they are delivered by another.
        return Fate.CRASHED_BEFORE if port == "eventbridge.put" and is_first else Fate.ANSWERED

    def _come_to_rest(self) -> None:
        world = self._world
        self._deliver()
        facts = final_invariants.facts_of(world, self._cast.merchants.book)
        world.clock.leap(timedelta(days=1))
        happened = actions.rebuilt(world, None) if self._retry is Retry.NEVER else True
        check(happened, STUCK, "a rebuild fails with nothing down")
        name = self._cast.nights.again(world.clock.today - timedelta(days=1))
        world.schedule.run()
        status = self._cast.nights.status[name]
        check(status == "succeeded", STUCK, f"{name}: {status} with nothing down")
        running_invariants.check_totals(world)
        final_invariants.check_reads(world, facts)
        seals_hold.check_chains(world)
        seals_hold.check_all_closed(world, facts, world.clock.today - timedelta(days=1))


def _entry(number: int) -> Request:
    amount_minor = number * 1000 + 1
    body = {"type": "credit", "amount": f"{amount_minor / 100:.2f}", "description": "João"}
    draft = EntryDraft(type="credit", amount_minor=amount_minor, description="João")
    return Request("padaria", f"key-{number}", body, draft)


def _about(target: Request, reason: str | None) -> Request:
    body = {} if reason is None else {"reason": reason}
    key = f"about-{target.key}"
    return Request("padaria", key, body, target=target, erases=reason is None)
