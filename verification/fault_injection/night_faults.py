"""Kills of the night's functions at each of its states; whatever they break off is made good.

A broken call is seen in the execution's own history, and only such a kill counts.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from chalicelib.ledger.days import business_day
from local.packaging import STAGE
from verification.fault_injection.burst import Burst
from verification.fault_injection.local_stage import (
    SECONDS_TO_BE_WELL,
    Fault,
    Settle,
    Stage,
    workers_soon,
)
from verification.fault_injection.nights import (
    MOST_REPETITIONS,
    MOST_SECONDS,
    ConsolidationRunError,
    Night,
    scheduled_night,
    start_night,
)
from verification.fault_injection.writing import ZONE
from verification.local_cluster import kill

MOST_TRIES = 8
"""Each try strikes sooner than the one before, for a miss comes of striking too late."""
DAYS_BACK = (1, 8)
"""Which day a struck night closes, in days before yesterday, which is the schedule's."""
NIGHTLY = f"livro-caixa-{STAGE}-nightly"
FUNCTIONS = {
    "AwaitProjection": f"livro-caixa-{STAGE}-await_projection",
    "PlanRanges": f"livro-caixa-{STAGE}-plan_consolidation",
    "ConsolidateRanges": f"livro-caixa-{STAGE}-consolidate_range",
    "Summarize": f"livro-caixa-{STAGE}-summarize_consolidation",
}
SCHEDULED = {
    "version": "0", "account": "000000000000", "region": "us-east-1", "detail": {},
    "detail-type": "Scheduled Event", "source": "aws.events", "time": "2026-11-23T03:10:00Z",
    "id": "00000000-0000-0000-0000-000000000000", "resources": [],
}  # fmt: skip


def _kill_task(state: str, longest: float, stops: bool = False) -> Callable[[Stage], Settle]:
    """Kill a state's function in the midst; the night tries it again by itself and succeeds.

    With `stops` the night is stopped there as well, and the next one of that day does the rest.
    """

    def strike(stage: Stage) -> Settle:
        for number in range(1, MOST_TRIES + 1):
            _kill_all(stage, FUNCTIONS[state])  # a new process takes long enough to be struck
            struck = start_night(stage.laptop, _some_day(stage))
            killed = _kill_within(stage, struck, state, longest / number)
            is_stopped = stops and struck.abort()
            last = start_night(stage.laptop, struck.day) if is_stopped else struck
            last.must_succeed()
            if killed and is_stopped == stops and struck.broken(state):
                return lambda: 1
        return lambda: 0

    return strike


def _kill_until_given_up(stage: Stage) -> Settle:
    """Kill a function at each try until the night gives up; the next one does it all."""
    state = "AwaitProjection"
    night = start_night(stage.laptop, _some_day(stage))
    while not night.is_over():
        _kill_all(stage, FUNCTIONS[state])
        time.sleep(0.05)
    if night.end() != "FAILED":
        raise ConsolidationRunError(
            f"{night.name} must fail when its function is killed at each try."
        )
    start_night(stage.laptop, night.day).must_succeed()
    hits = night.broken(state)
    return lambda: hits


def _kill_nightly(stage: Stage) -> Settle:
    """Kill the trigger in the midst; its next hour starts the night of yesterday, once."""
    yesterday = _yesterday()
    is_known = scheduled_night(stage.laptop, yesterday) is not None
    hits = int(any(_is_broken_off(stage, 0.6 / number) for number in range(1, MOST_TRIES + 1)))
    if failure := _fire(stage):
        raise ConsolidationRunError(f"The trigger failed with nobody killing it: {failure}")
    night = scheduled_night(stage.laptop, yesterday)
    if night is None:
        raise ConsolidationRunError(f"The trigger started no night of {yesterday}.")
    if not is_known:
        night.must_succeed()
    return lambda: hits


def _is_broken_off(stage: Stage, longest: float) -> bool:
    _kill_all(stage, NIGHTLY)
    fired = Burst(lambda: _fire(stage))
    workers_soon(stage.laptop, NIGHTLY)
    time.sleep(stage.chance.uniform(0.0, longest))
    _kill_all(stage, NIGHTLY)
    return bool(fired.result())


def _fire(stage: Stage) -> str:
    """Do what the schedule does each hour; return how the function failed, "" if it did not."""
    result = stage.laptop.client("lambda").invoke(
        FunctionName=NIGHTLY, Payload=json.dumps(SCHEDULED)
    )
    return str(result.get("FunctionError", ""))


def _kill_within(stage: Stage, night: Night, state: str, longest: float) -> bool:
    night.reach(state)
    workers_soon(stage.laptop, FUNCTIONS[state])
    time.sleep(stage.chance.uniform(0.0, longest))
    return _kill_all(stage, FUNCTIONS[state])


def _kill_all(stage: Stage, function: str) -> bool:
    killed = [kill(pid) for pid in stage.laptop.workers(function)]
    stage.fault()
    return any(killed)


def _some_day(stage: Stage) -> date:
    return _yesterday() - timedelta(days=stage.chance.randint(*DAYS_BACK))


def _yesterday() -> date:
    return business_day(datetime.now(UTC), ZONE) - timedelta(days=1)


_STRIKES: Mapping[str, tuple[int, Callable[[Stage], Settle]]] = {
    "nightly killed": (1, _kill_nightly),
    "await_projection killed": (2, _kill_task("AwaitProjection", 0.6)),
    "plan_consolidation killed": (2, _kill_task("PlanRanges", 0.6)),
    "consolidate_range killed": (3, _kill_task("ConsolidateRanges", 2.5)),
    "summarize_consolidation killed": (2, _kill_task("Summarize", 0.6)),
    "night stopped, await_projection killed": (1, _kill_task("AwaitProjection", 0.6, stops=True)),
    "night stopped, plan_consolidation killed": (1, _kill_task("PlanRanges", 0.6, stops=True)),
    "night stopped, consolidate_range killed": (
        3,
        _kill_task("ConsolidateRanges", 2.5, stops=True),
    ),
    "night stopped, summarize_consolidation killed": (1, _kill_task("Summarize", 0.6, stops=True)),
    "night given up, await_projection killed": (1, _kill_until_given_up),
}
NIGHT_FAULTS: Sequence[Fault] = tuple(
    # Well again is the end of the night that makes it good, which has time of its own.
    Fault(kind, share, strike, within=SECONDS_TO_BE_WELL + MOST_REPETITIONS * MOST_SECONDS)
    for kind, (share, strike) in _STRIKES.items()
)
