"""Kills of the functions of a consolidation run in each of its states, and its recovery.

The execution's history shows an interrupted call; only such a kill counts.
"""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial

from local.packaging import STAGE
from verification.benchmarks.cold_start.first_events import TICK
from verification.fault_injection.consolidation_runs import (
    MOST_REPETITIONS,
    MOST_SECONDS,
    ConsolidationRunError,
    scheduled_run,
    start_run,
)
from verification.fault_injection.context import RECOVERY_SECONDS, Context, Fault, Writing
from verification.kit.reference_model import business_day
from verification.local_cluster import kill

MOST_TRIES = 8
"""Each try strikes sooner than the one before, because a miss was too late."""
DAYS_BACK = (1, 8)
"""The day of a run, in days before yesterday, which belongs to the schedule."""
NIGHTLY = "nightly"
TASKS = {
    "AwaitProjection": "await_projection",
    "PlanRanges": "plan_consolidation",
    "ConsolidateRanges": "consolidate_range",
    "Summarize": "summarize_consolidation",
}
"""States of a run, and the functions that they call."""


def _kill_task(stops: bool, state: str, context: Context, _writing: Writing) -> int:
    """Kill a state's function at work; the run retries it and succeeds.

    With `stops` the run is stopped there as well, and the next run of that day does the rest.
    """
    for number in range(1, MOST_TRIES + 1):
        _kill_all(context, TASKS[state])  # a new process takes long enough to be struck
        run = start_run(context.cluster, _past_day(context))
        run.reach(state)
        longest = 2.5 if state == "ConsolidateRanges" else 0.6
        killed = _kill_soon(context, TASKS[state], longest / number)
        is_stopped = stops and run.abort()
        last = start_run(context.cluster, run.day) if is_stopped else run
        last.must_succeed()
        if killed and is_stopped == stops and run.interrupted(state):
            return 1
    return 0


def _kill_until_given_up(context: Context, _writing: Writing) -> int:
    """Kill a function at each retry until the run fails; the next run does everything."""
    state = "AwaitProjection"
    run = start_run(context.cluster, _past_day(context))
    while not run.is_over():
        _kill_all(context, TASKS[state])
        time.sleep(0.05)
    if run.end().status != "FAILED":
        raise ConsolidationRunError(
            f"{run.name} did not fail, although its function was killed at each try."
        )
    start_run(context.cluster, run.day).must_succeed()
    return run.interrupted(state)


def _kill_nightly(context: Context, _writing: Writing) -> int:
    """Kill the scheduled function at work; the next hour starts the run of yesterday, once."""
    yesterday = _yesterday()
    is_known = scheduled_run(context.cluster, yesterday) is not None
    hits = int(any(_interrupt_nightly(context, 0.6 / n) for n in range(1, MOST_TRIES + 1)))
    if error := _invoke_nightly(context):
        raise ConsolidationRunError(f"The scheduled function failed without a kill: {error}")
    run = scheduled_run(context.cluster, yesterday)
    if run is None:
        raise ConsolidationRunError(f"The scheduled function started no run of {yesterday}.")
    if not is_known:
        run.must_succeed()
    return hits


def _interrupt_nightly(context: Context, longest: float) -> bool:
    _kill_all(context, NIGHTLY)
    with ThreadPoolExecutor(1) as pool:
        invocation = pool.submit(_invoke_nightly, context)
        _kill_soon(context, NIGHTLY, longest)
        return bool(invocation.result())


def _invoke_nightly(context: Context) -> str:
    """Do what the schedule does each hour; return the function's error, "" without one."""
    response = context.cluster.client("lambda").invoke(
        FunctionName=_full_name(NIGHTLY), Payload=json.dumps(TICK)
    )
    return str(response.get("FunctionError", ""))


def _kill_soon(context: Context, function: str, longest: float) -> bool:
    context.await_pids(_full_name(function))
    time.sleep(context.chance.uniform(0.0, longest))
    return _kill_all(context, function)


def _kill_all(context: Context, function: str) -> bool:
    killed = [kill(pid) for pid in context.cluster.function_pids(_full_name(function))]
    context.fault()
    return any(killed)


def _full_name(function: str) -> str:
    return f"livro-caixa-{STAGE}-{function}"


def _past_day(context: Context) -> date:
    return _yesterday() - timedelta(days=context.chance.randint(*DAYS_BACK))


def _yesterday() -> date:
    return business_day(datetime.now(UTC)) - timedelta(days=1)


def _fault(kind: str, share: int, strike: Callable[[Context, Writing], int]) -> Fault:
    # Recovery includes the run that repairs the damage, which may take long.
    return Fault(kind, share, strike, RECOVERY_SECONDS + MOST_REPETITIONS * MOST_SECONDS)


RUN_FAULTS: Sequence[Fault] = (
    _fault("nightly killed", 1, _kill_nightly),
    *(
        _fault(f"{name} killed", 2, partial(_kill_task, False, state))
        for state, name in TASKS.items()
    ),
    *(
        _fault(f"run stopped, {name} killed", 2, partial(_kill_task, True, state))
        for state, name in TASKS.items()
    ),
    _fault("run failed, await_projection killed", 1, _kill_until_given_up),
)
