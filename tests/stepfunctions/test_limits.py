"""The arithmetic of stepfunctions/README.md: a night of 100,000 merchants within AWS's limits."""

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
"""Entered and exited; of a task, scheduled, started and succeeded too; of a Map, started too."""
EVENTS_OF_A_RETRY = 3
EVENTS_OF_AN_ITERATION = 2


def most_events(state: State) -> int:
    """Return the events of a state that needed every retry it has."""
    retries = sum(int(retrier["MaxAttempts"]) for retrier in state.get("Retry", []))
    return EVENTS[state["Type"]] + EVENTS_OF_A_RETRY * retries


def limit_of(choice: State) -> int:
    """Return the count at which a loop ends."""
    (limit,) = [
        c["NumericGreaterThanEquals"] for c in choice["Choices"] if "NumericGreater" in str(c)
    ]
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


def test_the_worst_night_stays_within_the_history() -> None:
    once = ("Begin", "PlanRanges", "ConsolidateRanges", "Summarize", "IsEveryMerchantClosed")
    around = 2 + sum(most_events(definition()["States"][name]) for name in (*once, "Closed"))
    worst = around + most_events_of_waiting() + MOST_RANGES * most_events_of_a_range()
    assert most_events_of_a_range() == 212
    assert worst == 23_426
    assert worst < HISTORY_EVENTS


def test_the_state_of_a_full_plan_stays_within_its_limit() -> None:
    outcome = machines()[1]["States"]["RangeDone"]["Parameters"]
    counts = dict.fromkeys((name.removesuffix(".$") for name in outcome), 100_000_000)
    result = len(json.dumps({**counts, "error": "States.TaskFailed" * 3, "range": None}))
    largest = MOST_RANGES * (RANGE_BYTES + (result + RANGE_BYTES))
    assert largest < STATE_BYTES * 0.6


def test_a_hundred_thousand_merchants_are_done_in_one_pass_each_range() -> None:
    merchants = 100_000 // MOST_RANGES
    milliseconds = (
        1000
        * definition()["States"]["ConsolidateRanges"]["ItemProcessor"]["States"][
            "ConsolidateRange"
        ]["TimeoutSeconds"]
    )
    assert merchants == 1000
    assert milliseconds // merchants == 900  # what one merchant may take


def test_a_quiet_night_takes_three_hundred_transitions() -> None:
    machine, range_machine = machines()
    loops = {"WaitForProjection", "CountLook", "CountPass"}
    badly = {"ProjectionBehind", "SomeFailed", "RangeFailed", "RangeUnfinished"}
    around = machine["States"].keys() - loops - badly
    of_a_range = range_machine["States"].keys() - loops - badly
    assert (len(around), len(of_a_range)) == (8, 3)
    assert len(around) + MOST_RANGES * len(of_a_range) == 308
