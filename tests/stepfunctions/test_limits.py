"""The arithmetic of stepfunctions/README.md: 100,000 merchants are within the limits of AWS."""

import json

from tests.stepfunctions.definition import (
    MOST_RANGES,
    RANGE_BYTES,
    State,
    definition,
    machines,
)

HISTORY_EVENTS = 25_000
STATE_BYTES = 256 * 1024
EVENTS = {"Pass": 2, "Choice": 2, "Wait": 2, "Succeed": 2, "Fail": 1, "Map": 4, "Task": 5}
"""Entered and exited; of a task also scheduled, started and succeeded; of a Map also started."""
EVENTS_OF_A_RETRY = 3
EVENTS_OF_AN_ITERATION = 2


def most_events(state: State) -> int:
    """Return the events of a state that needs all its retries."""
    retries = sum(int(retrier["MaxAttempts"]) for retrier in state.get("Retry", []))
    return EVENTS[state["Type"]] + EVENTS_OF_A_RETRY * retries


def limit_of(choice: State) -> int:
    """Return the count at which a loop ends."""
    rules = [rule for rule in choice["Choices"] if "NumericGreaterThanEquals" in rule]
    (limit,) = (rule["NumericGreaterThanEquals"] for rule in rules)
    return int(limit)


def most_events_of_a_range() -> int:
    states = machines()[1]["States"]
    passes = limit_of(states["IsRangeDone"])
    each = most_events(states["ConsolidateRange"]) + most_events(states["IsRangeDone"])
    between = (passes - 1) * most_events(states["CountPass"])
    return EVENTS_OF_AN_ITERATION + passes * each + between + most_events(states["RangeDone"])


def most_events_of_waiting() -> int:
    states = definition()["States"]
    looks = limit_of(states["HasProjectionCaughtUp"])
    names = ("AwaitProjection", "HasProjectionCaughtUp", "WaitForProjection", "CountLook")
    return looks * sum(most_events(states[name]) for name in names)


def test_worst_run_fits_the_history() -> None:
    once = ("Begin", "PlanRanges", "ConsolidateRanges", "Summarize", "IsEveryMerchantClosed")
    around = 2 + sum(most_events(definition()["States"][name]) for name in (*once, "Closed"))
    worst = around + most_events_of_waiting() + MOST_RANGES * most_events_of_a_range()
    assert most_events_of_a_range() == 212
    assert worst == 23_426
    assert worst < HISTORY_EVENTS


def test_full_plan_fits_the_state() -> None:
    outcome = machines()[1]["States"]["RangeDone"]["Parameters"]
    counts = dict.fromkeys((name.removesuffix(".$") for name in outcome), 100_000_000)
    size = len(json.dumps({**counts, "error": "States.TaskFailed" * 3, "range": None}))
    largest = MOST_RANGES * (RANGE_BYTES + (size + RANGE_BYTES))
    assert largest < STATE_BYTES * 0.6


def test_merchant_of_a_large_range_has_900_ms() -> None:
    seconds = machines()[1]["States"]["ConsolidateRange"]["TimeoutSeconds"]
    assert 1000 * seconds // (100_000 // MOST_RANGES) == 900


def test_usual_run_takes_308_transitions() -> None:
    machine, range_machine = machines()
    loops = {"WaitForProjection", "CountLook", "CountPass"}
    failures = {"ProjectionBehind", "SomeFailed", "RangeFailed", "RangeUnfinished"}
    around = machine["States"].keys() - loops - failures
    of_a_range = range_machine["States"].keys() - loops - failures
    assert (len(around), len(of_a_range)) == (8, 3)
    assert len(around) + MOST_RANGES * len(of_a_range) == 308
