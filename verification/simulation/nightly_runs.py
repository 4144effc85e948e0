"""The state machine of consolidation runs in memory, with the real steps, retries and limits.

tests/stepfunctions interprets the definition itself; here it drives the real tasks, several ranges
at a time, while projectors, rebuilds and merchants go on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any, TypeVar

from chalicelib.closing import schedule
from chalicelib.closing.consolidation_run import ConsolidationRun, Counts
from chalicelib.closing.lateness import is_complete, late_merchants
from chalicelib.closing.passes import Progress, run_pass
from chalicelib.closing.ranges import Range, plan, sweep_lanes
from chalicelib.closing.tasks import summarize
from verification.simulation.violations import STUCK, check
from verification.simulation.world import NoAnswerError, World

MAX_CHECKS = 10
MAX_TRIES = 5
MAX_PASSES = 5
Result = TypeVar("Result")
_STATUSES = {"running": "RUNNING", "succeeded": "SUCCEEDED"}


@dataclass(frozen=True, slots=True)
class Execution:
    """The day and merchant (None: all) of an execution, and when it started."""

    day: date
    merchant_id: str | None
    started: datetime


class ExecutionFailedError(Exception):
    """An execution fails: the last try of a task did, or the read model stays behind."""


class NightlyRuns:
    """All executions of a scenario; `status` by name is "running", "succeeded" or a failure.

    An impatient one closes without waiting for the projection, as if entries arrived just after
    the check. Each task has `tries` tries.
    """

    def __init__(self, world: World, is_impatient: bool, tries: int = MAX_TRIES) -> None:
        self._world = world
        self._tries = tries
        self._is_impatient = is_impatient
        self.status: dict[str, str] = {}
        self.executions: dict[str, Execution] = {}
        world.machine.begin = self._begin
        world.machine.status_of = lambda name: _STATUSES.get(self.status[name], "FAILED")

    def trigger(self, day: date) -> None:
        """Start a day's consolidation as the schedule does."""
        schedule.start(self._world.machine, "arn:aws:states:night", day, self._world.clock.now)

    def finish(self, day: date, may_be_behind: bool = False) -> None:
        """Run a day under its next number to the end, as an operator does.

        Raises InvariantError unless it succeeds.
        """
        used = self._world.machine.names
        names = (f"{day.isoformat()}-m{number}" for number in count(1))
        name = next(name for name in names if name not in used)
        used.append(name)
        self._begin(name, {"day": day.isoformat(), "merchant_id": None})
        self._world.schedule.run()
        status = self.status[name]
        is_good = status == "succeeded" or (may_be_behind and status == "behind")
        check(is_good, STUCK, f"{name}: {status} although every store works")

    def _begin(self, name: str, execution_input: Mapping[str, Any]) -> None:
        self.status[name] = "running"
        day, merchant_id = execution_input["day"], execution_input["merchant_id"]
        now = self._world.clock.now
        self.executions[name] = Execution(date.fromisoformat(day), merchant_id, now)
        self._world.schedule.start(lambda: self._execute(name, execution_input))

    def _execute(self, name: str, execution_input: Mapping[str, Any]) -> None:
        day = date.fromisoformat(execution_input["day"])
        merchant_id = execution_input["merchant_id"]
        try:
            late_before = self._await_projection(day, merchant_id)
            run = ConsolidationRun(name, day, late_before)
            ranges = self._run_task(lambda: plan(self._world.closing_store(), merchant_id))
            outcomes = self._run_ranges(run, ranges)
            self._run_ranges(run, sweep_lanes(merchant_id, late_before is None))
            result = self._run_task(lambda: summarize(self._world.closing_store(), name, outcomes))
        except ExecutionFailedError as error:
            self.status[name] = str(error)
        else:
            is_good = not result["failed"] and not result["failed_ranges"]
            failed = "behind" if late_before else "failed"
            self.status[name] = "succeeded" if is_good else failed

    def _await_projection(self, day: date, merchant_id: str | None) -> datetime | None:
        """Wait; return the moment before which entries are awaited if some of them are late."""
        world, began = self._world, self._world.clock.now

        def late() -> list[str]:
            ledger, store = world.closing_ledger(), world.closing_store()
            return late_merchants(ledger, store, day, merchant_id, began)

        def complete() -> bool:
            ledger, store = world.closing_ledger(), world.closing_store()
            return merchant_id is not None or is_complete(ledger, store)

        for _ in range(1 if self._is_impatient else MAX_CHECKS):
            if self._run_task(complete) and not self._run_task(late):
                return None
            for _ in range(5):
                world.schedule.pause()
            world.clock.leap(timedelta(seconds=15))
        if not self._run_task(complete):
            raise ExecutionFailedError("behind")
        return None if self._is_impatient else began

    def _run_ranges(self, run: ConsolidationRun, ranges: list[Range]) -> list[Mapping[str, Any]]:
        outcomes: list[Mapping[str, Any]] = []
        for merchant_range in ranges:
            self._world.schedule.start(partial(self._run_range, run, merchant_range, outcomes))
        self._world.schedule.pause_until(lambda: len(outcomes) == len(ranges))
        return outcomes

    def _run_range(
        self, run: ConsolidationRun, merchant_range: Range, outcomes: list[Mapping[str, Any]]
    ) -> None:
        def one_pass(progress: Progress) -> Progress:
            return run_pass(self._world.closing_ports(), run, merchant_range, progress)

        progress, error = Progress(None, Counts()), "RangeUnfinished"
        for _ in range(MAX_PASSES):
            try:
                progress = self._run_task(partial(one_pass, progress))
            except ExecutionFailedError:
                error = "States.TaskFailed"
                break
            if progress.next_after is None:
                outcomes.append(_outcome(progress.counts, None))
                return
        outcomes.append(_outcome(progress.counts, error))

    def _run_task(self, task: Callable[[], Result]) -> Result:
        for _ in range(self._tries):
            try:
                return self._world.invoke(task)
            except NoAnswerError:
                continue
        raise ExecutionFailedError("failed")


def _outcome(counts: Counts, error: str | None) -> Mapping[str, Any]:
    return {"merchants": counts.merchants, "failed": counts.failed, "error": error}
