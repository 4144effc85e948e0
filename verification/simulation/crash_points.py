"""One fixed scenario, with a crash at every place of the code that calls a port.

It runs once without a fault, to note its calls, and then once for each crash point. The crashed
work is retried at once, later, or never: the stream, the next consolidation run and a rebuild
follow in any case.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cache, partial

from chalicelib.commands.start_closing import ClosingRequest, start_closing
from chalicelib.ledger.principal import Principal
from chalicelib.projection.project import project
from verification.simulation import actions, final_invariants, store_faults
from verification.simulation.call_places import CallPlaces
from verification.simulation.context import Context
from verification.simulation.faults import Fate
from verification.simulation.import_actions import numbered_row
from verification.simulation.merchants import Merchants
from verification.simulation.new_requests import about_key_of, numbered_entry, occurring_at
from verification.simulation.nightly_runs import MAX_TRIES, NightlyRuns
from verification.simulation.request_log import Request
from verification.simulation.scenario import Twist, accepted_entries, close_all, untraced
from verification.simulation.stores.stream import SHARDS, Record
from verification.simulation.stores.tables import Tables
from verification.simulation.violations import STUCK, check
from verification.simulation.world import NoAnswerError, World

Work = Callable[[], object]


class Retry(Enum):
    """When the crashed work is retried."""

    AT_ONCE = "at once"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True)
class CrashPoint:
    """The call at which a process ends, counted from 0, and whether before or after its effect."""

    call: int
    fate: Fate


def points(retry: Retry) -> Iterator[CrashPoint]:
    """Yield a crash before each process's first call, and after each place's first and last call.

    Before any other call, a process leaves what it leaves after the previous call.
    """
    calls = without_crash(retry).calls
    yield from (CrashPoint(call, Fate.CRASHED_BEFORE) for call in calls.begins.values())
    after = sorted({call for outer in calls.outer.values() for call in outer})
    yield from (CrashPoint(call, Fate.CRASHED_AFTER) for call in after)


def run(point: CrashPoint | None, retry: Retry, *twists: Twist) -> "CrashScenario":
    """Run the scenario with a crash or without; raise InvariantError when it shows."""
    scenario = CrashScenario(point, retry, twists)
    scenario.run()
    return scenario


without_crash = cache(partial(run, None))
"""Returns the scenario of a retry without a crash, which runs once."""


class CrashScenario:
    """The scenario: the `ports` that it calls, their `calls` without a crash, or `crashed`."""

    def __init__(self, point: CrashPoint | None, retry: Retry, twists: Iterable[Twist]) -> None:
        self._point = point
        self._retry = retry
        self._retried_later: list[Work] = []
        self._is_checking = False
        self.ports: list[str] = []
        self.calls = CallPlaces()
        self.crashed = False
        world = self.world = World("crash points", self._fate)
        world.table.is_calm = world.bus.is_calm = world.queue.is_calm = world.bucket.is_calm = True
        for twist in (untraced, *twists):
            twist(world)
        tries = MAX_TRIES if retry is Retry.AT_ONCE else 1
        runs = NightlyRuns(world, is_impatient=False, tries=tries)
        self._context = Context(world, Merchants(world), runs, longest_ago=timedelta(0))

    def run(self) -> None:
        """Run the scenario to its end, and check every invariant then."""
        with redirect_stdout(self.world.log):
            self._first_day()
            self._second_day()
            if self._retry is not Retry.AT_ONCE:  # which would archive the closing of the leaves
                self._third_day()
            self._is_checking = True
            for work in self._retried_later:
                self._run(work)
            self._settle()

    def _first_day(self) -> None:
        sale, loss, gift = (numbered_entry(number) for number in (1, 2, 3))
        self._send(sale)
        self._do(lambda: self._context.merchants.send_batch([loss, gift], 1))
        self._deliver()
        self._send(about_key_of(sale, "undo"))
        self._send(about_key_of(loss, None))
        self._correct(sale, "energy")
        self._correct(sale, None)
        self._deliver()
        self._send(sale)
        if self._retry is not Retry.LATER:  # what is not retried is resumed later in any case
            self._import_and_undo(gift)
        if self._retry is Retry.AT_ONCE:
            self._check_projection()
        self._next_day()

    def _import_and_undo(self, gift: Request) -> None:
        """Import two rows, one of which claims an entry; undo that; import overlapping rows."""
        importers = self._context.importers
        importers.rows += [numbered_row(self.world.clock.yesterday, number) for number in (1, 2, 3)]
        same = {importers.rows[1].identity: gift} if gift.responses else {}
        first = importers.add("padaria", importers.rows[:2], same)
        self._do(lambda: importers.record(first))
        self._do(lambda: importers.undo(first))
        second = importers.add("padaria", importers.rows, {})
        self._do(lambda: importers.record(second))
        self._deliver()

    def _second_day(self) -> None:
        late = numbered_entry(4)
        self._send(occurring_at(late, self.world.clock.now - timedelta(days=1)))
        self._deliver()
        self._close_yesterday("close")
        self._do(lambda: actions.run_rebuild(self.world, "padaria"))
        alterations = store_faults.alter_row, store_faults.alter_total
        self._alter(*alterations, store_faults.insert_entry)
        self._do(lambda: actions.run_rebuild(self.world, None))
        self._alter(*alterations)
        store_faults.insert_invalid_record(self._context, self.world.chance("poison"))
        self._deliver()
        self._next_day()

    def _third_day(self) -> None:
        """Restore PostgreSQL to before a run, so that the day is closed with another entry.

        Leaves that a crashed run archived without their closing must be replaced by the next one.
        A day before it is closed again, too: its opening needs the closings between.
        """
        self._send(numbered_entry(5))
        self._deliver()
        backup = self.world.tables.backup()
        self._next_day()
        self.world.tables.restore(backup)
        for number, days in ((6, 1), (7, 3)):
            self._send(occurring_at(numbered_entry(number), self.world.clock.now - timedelta(days)))
        self._deliver()
        self._close_yesterday("close again")

    def _check_projection(self) -> None:
        # Before a consolidation run or a rebuild could have repaired it.
        self._deliver()
        self._is_checking = True
        final_invariants.check_read_model(self.world, accepted_entries(self._context))
        self._is_checking = False

    def _alter(self, *alterations: Callable[[Tables, random.Random], None]) -> None:
        tables, chance = self.world.tables, self.world.chance("damage")
        for alter in alterations if tables.entries else ():
            alter(tables, chance)

    def _next_day(self) -> None:
        self.world.clock.leap(timedelta(days=1))
        yesterday = self.world.clock.yesterday
        self._do(lambda: self._context.runs.trigger(yesterday))

    def _close_yesterday(self, key: str) -> None:
        day = self.world.clock.yesterday
        request = ClosingRequest(day, key, {"day": day.isoformat()})
        principal = Principal("padaria", "alice")
        self._do(lambda: start_closing(self.world.commands(), principal, request))

    def _correct(self, request: Request, category: str | None) -> None:
        if request.responses:  # its first request may have crashed
            merchants = self._context.merchants
            self._do(lambda: merchants.correct_category(request, category, 1))

    def _send(self, request: Request) -> None:
        self._do(lambda: self._context.merchants.send(request, 1))

    def _deliver(self) -> None:
        for shard in range(SHARDS):
            records, end = self.world.stream.batch(shard, 50)
            if records:
                self._do(partial(self._project, records))
                # Without a retry the records are lost, as if nobody had read them for a day.
                self.world.stream.advance(shard, end)

    def _project(self, records: Sequence[Record]) -> None:
        project(records, self.world.projection())

    def _do(self, work: Work) -> None:
        """Do a part of the scenario, and plan its retry if it crashed."""
        had_crashed = self.crashed
        self._run(work)
        if self.crashed and not had_crashed:
            if self._retry is Retry.AT_ONCE:
                self._run(work)
            elif self._retry is Retry.LATER:
                self._retried_later.append(work)

    def _run(self, work: Work) -> None:
        self.calls.begin_step()

        def attempt() -> None:
            with suppress(NoAnswerError):
                self.world.invoke(work)

        self.world.schedule.start(attempt)
        self.world.schedule.run()

    def _fate(self, port: str) -> Fate:
        self.world.clock.tick()
        if self._is_checking:
            return Fate.ANSWERED
        call = len(self.ports)
        is_first_announcement = port == "eventbridge.put" and port not in self.ports
        self.ports.append(port)
        if self._point is None:
            self.calls.add()
        elif call == self._point.call:
            self.crashed = True
            return self._point.fate
        # The first announcement always fails, so that a later run delivers those closings.
        return Fate.CRASHED_BEFORE if is_first_announcement else Fate.ANSWERED

    def _settle(self) -> None:
        world = self.world
        self._context.importers.finish()
        self._deliver()
        ledger = accepted_entries(self._context)
        world.clock.leap(timedelta(days=1))
        if self._retry is Retry.NEVER or world.tables.is_being_rebuilt:
            check(actions.run_rebuild(world, None), STUCK, "a rebuild fails although stores work")
        close_all(self._context, ledger)
