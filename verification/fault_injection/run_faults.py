"""Kills of the functions of a consolidation run in each of its states, and its recovery.

The execution's history shows an interrupted call; only such a kill counts.
"""

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from local.packaging import STAGE
from verification.fault_injection.consolidation_runs import (
    MOST_REPETITIONS,
    MOST_SECONDS,
    ConsolidationRunError,
    scheduled_run,
    start_run,
)
from verification.fault_injection.context import RECOVERY_SECONDS, Fault, FaultTargets, Finish
from verification.fault_injection.writing import BackgroundWrite
from verification.kit.reference_model import business_day
from verification.local_cluster import kill

MOST_TRIES = 8
"""Each try strikes sooner than the one before, because a miss was too late."""
DAYS_BACK = (1, 8)
"""The day of a run, in days before yesterday, which belongs to the schedule."""
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
Strike = Callable[[FaultTargets], Finish]


def _kill_task(state: str, longest: float, stops: bool = False) -> Strike:
    """Kill a state's function at work; the run retries it and succeeds.

    With `stops` the run is stopped there as well, and the next run of that day does the rest.
    """

    def strike(targets: FaultTargets) -> Finish:
        for number in range(1, MOST_TRIES + 1):
            _kill_all(targets, FUNCTIONS[state])  # a new process takes long enough to be struck
            run = start_run(targets.cluster, _past_day(targets))
            run.reach(state)
            killed = _kill_soon(targets, FUNCTIONS[state], longest / number)
            is_stopped = stops and run.abort()
            last = start_run(targets.cluster, run.day) if is_stopped else run
            last.must_succeed()
            if killed and is_stopped == stops and run.interrupted(state):
                return lambda: 1
        return lambda: 0

    return strike


def _kill_until_given_up(targets: FaultTargets) -> Finish:
    """Kill a function at each retry until the run fails; the next run does everything."""
    state = "AwaitProjection"
    run = start_run(targets.cluster, _past_day(targets))
    while not run.is_over():
        _kill_all(targets, FUNCTIONS[state])
        time.sleep(0.05)
    if run.end().status != "FAILED":
        raise ConsolidationRunError(
            f"{run.name} did not fail, although its function was killed at each try."
        )
    start_run(targets.cluster, run.day).must_succeed()
    hits = run.interrupted(state)
    return lambda: hits


def _kill_nightly(targets: FaultTargets) -> Finish:
    """Kill the scheduled function at work; the next hour starts the run of yesterday, once."""
    yesterday = _yesterday()
    is_known = scheduled_run(targets.cluster, yesterday) is not None
    hits = int(any(_interrupt_nightly(targets, 0.6 / n) for n in range(1, MOST_TRIES + 1)))
    if error := _invoke_nightly(targets):
        raise ConsolidationRunError(f"The scheduled function failed without a kill: {error}")
    run = scheduled_run(targets.cluster, yesterday)
    if run is None:
        raise ConsolidationRunError(f"The scheduled function started no run of {yesterday}.")
    if not is_known:
        run.must_succeed()
    return lambda: hits


def _interrupt_nightly(targets: FaultTargets, longest: float) -> bool:
    _kill_all(targets, NIGHTLY)
    invocation = BackgroundWrite(lambda: _invoke_nightly(targets))
    _kill_soon(targets, NIGHTLY, longest)
    return bool(invocation.result())


def _invoke_nightly(targets: FaultTargets) -> str:
    """Do what the schedule does each hour; return the function's error, "" without one."""
    response = targets.cluster.client("lambda").invoke(
        FunctionName=NIGHTLY, Payload=json.dumps(SCHEDULED)
    )
    return str(response.get("FunctionError", ""))


def _kill_soon(targets: FaultTargets, function: str, longest: float) -> bool:
    targets.await_pids(function)
    time.sleep(targets.chance.uniform(0.0, longest))
    return _kill_all(targets, function)


def _kill_all(targets: FaultTargets, function: str) -> bool:
    killed = [kill(pid) for pid in targets.cluster.function_pids(function)]
    targets.fault()
    return any(killed)


def _past_day(targets: FaultTargets) -> date:
    return _yesterday() - timedelta(days=targets.chance.randint(*DAYS_BACK))


def _yesterday() -> date:
    return business_day(datetime.now(UTC)) - timedelta(days=1)


def _fault(kind: str, share: int, strike: Strike) -> Fault:
    # Recovery includes the run that repairs the damage, which may take long.
    return Fault(kind, share, strike, RECOVERY_SECONDS + MOST_REPETITIONS * MOST_SECONDS)


RUN_FAULTS: Sequence[Fault] = (
    _fault("nightly killed", 1, _kill_nightly),
    _fault("await_projection killed", 2, _kill_task("AwaitProjection", 0.6)),
    _fault("plan_consolidation killed", 2, _kill_task("PlanRanges", 0.6)),
    _fault("consolidate_range killed", 3, _kill_task("ConsolidateRanges", 2.5)),
    _fault("summarize_consolidation killed", 2, _kill_task("Summarize", 0.6)),
    _fault("run stopped, await_projection killed", 1, _kill_task("AwaitProjection", 0.6, True)),
    _fault("run stopped, plan_consolidation killed", 1, _kill_task("PlanRanges", 0.6, True)),
    _fault("run stopped, consolidate_range killed", 3, _kill_task("ConsolidateRanges", 2.5, True)),
    _fault("run stopped, summarize_consolidation killed", 1, _kill_task("Summarize", 0.6, True)),
    _fault("run failed, await_projection killed", 1, _kill_until_given_up),
)
