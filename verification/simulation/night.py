"""The state machine of the night in memory: the same steps, tries and limits as its definition.

stepfunctions/ walks the definition itself; here it drives the real tasks, several ranges at a time,
while projectors, rebuilds and merchants go on.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar

from chalicelib.closing import schedule
from chalicelib.closing.consolidate import ConsolidationRun, Counts
from chalicelib.closing.passes import Progress, run_pass
from chalicelib.closing.ranges import Range, plan
from chalicelib.closing.tasks import has_caught_up, summarize
from verification.simulation.world import NoAnswerError, World

LOOKS = 10
TRIES = 5
PASSES = 5
Answer = TypeVar("Answer")


class GaveUpError(Exception):
    """The execution fails: a task did at its last try, or the read model stays behind."""


class Nights:
    """All executions of a story, by name, with how they stand.

    An `impatient` one closes without waiting for the projection, as if entries came in just after
    the look. Each task has so many `tries`.
    """

    def __init__(self, world: World, impatient: bool, tries: int = TRIES) -> None:
        self._world = world
        self._tries = tries
        self._impatient = impatient
        self.status: dict[str, str] = {}
        world.machine.begin = self._begin

    def trigger(self, day: date) -> None:
        """Start a day's consolidation as the schedule does."""
        schedule.start(self._world.machine, "arn:aws:states:night", day)

    def again(self, day: date) -> str:
        """Start a day under the next number, as an operator does; return the name."""
        used = self._world.machine.names
        number = next(n for n in range(len(used) + 1) if f"{day.isoformat()}-{n}" not in used)
        name = f"{day.isoformat()}-{number}"
        used.append(name)
        self._begin(name, {"day": day.isoformat(), "merchant_id": None})
        return name

    def _begin(self, name: str, asked: Mapping[str, Any]) -> None:
        self.status[name] = "running"
        self._world.schedule.start(lambda: self._execute(name, asked))

    def _execute(self, name: str, asked: Mapping[str, Any]) -> None:
        day = date.fromisoformat(asked["day"])
        try:
            self._await_projection(day, asked["merchant_id"])
            ranges = self._state(lambda: plan(self._world.books(), asked["merchant_id"]))
            outcomes = self._map(ConsolidationRun(name, day), ranges)
            result = self._state(lambda: summarize(self._world.books(), name, outcomes))
        except GaveUpError as why:
            self.status[name] = str(why)
        else:
            good = not result["failed"] and not result["failed_ranges"]
            self.status[name] = "succeeded" if good else "failed"

    def _await_projection(self, day: date, merchant_id: str | None) -> None:
        world = self._world

        def look() -> bool:
            return has_caught_up(world.night_ledger(), world.books(), day, merchant_id)

        for _ in range(1 if self._impatient else LOOKS):
            if self._state(look):
                return
            for _ in range(5):
                world.schedule.pause()
            world.clock.leap(timedelta(seconds=15))
        if not self._impatient:
            raise GaveUpError("behind")

    def _map(self, night: ConsolidationRun, ranges: list[Range]) -> list[Mapping[str, Any]]:
        outcomes: list[Mapping[str, Any]] = []
        for part in ranges:
            self._world.schedule.start(partial(self._range, night, part, outcomes))
        self._world.schedule.pause_until(lambda: len(outcomes) == len(ranges))
        return outcomes

    def _range(
        self, night: ConsolidationRun, part: Range, outcomes: list[Mapping[str, Any]]
    ) -> None:
        outcomes.append(self._gone_through(night, part))

    def _gone_through(self, night: ConsolidationRun, part: Range) -> Mapping[str, Any]:
        progress, error = Progress(None, Counts()), "RangeUnfinished"
        for _ in range(PASSES):
            try:
                progress = self._state(self._pass(night, part, progress))
            except GaveUpError:
                error = "States.TaskFailed"
                break
            if progress.next_after is None:
                return _outcome(progress.counts, None)
        return _outcome(progress.counts, error)

    def _pass(
        self, night: ConsolidationRun, part: Range, progress: Progress
    ) -> Callable[[], Progress]:
        return lambda: run_pass(self._world.night(), night, part, progress)

    def _state(self, task: Callable[[], Answer]) -> Answer:
        for _ in range(self._tries):
            try:
                return self._world.invoke(task)
            except NoAnswerError:
                continue
        raise GaveUpError("failed")


def _outcome(counts: Counts, error: str | None) -> Mapping[str, Any]:
    return {"merchants": counts.merchants, "failed": counts.failed, "error": error}
