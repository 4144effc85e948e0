"""The arithmetic of stepfunctions/README.md: 100,000 merchants are within the limits of AWS."""

import json

from tests.stepfunctions.definition import State, machines

MOST_RANGES = 100
RANGE_BYTES = 256
"""A plan may have this many ranges, of this many bytes of JSON each."""
HISTORY_EVENTS = 25_000
STATE_BYTES = 256 * 1024
EVENTS = {"Pass": 2, "Choice": 2, "Wait": 2, "Succeed": 2, "Fail": 1, "Map": 4, "Task": 5}
"""Entered and exited; of a task also scheduled, started and succeeded; of a Map also started."""
EVENTS_OF_A_RETRY = 3
EVENTS_OF_AN_ITERATION = 2
ONCE = ("Begin", "PlanRanges", "ConsolidateRanges", "Summarize", "IsEveryMerchantClosed", "Closed")
WAITING = ("AwaitProjection", "HasProjectionCaughtUp", "WaitForProjection", "CountLook")


def most_events(machine: State, *names: str) -> int:
    """Return the events of states that need all their retries."""
    states = [machine["States"][name] for name in names]
    retriers = [retrier for state in states for retrier in state.get("Retry", [])]
    retries = sum(retrier["MaxAttempts"] for retrier in retriers)
    return sum(EVENTS[state["Type"]] for state in states) + EVENTS_OF_A_RETRY * int(retries)


def limit_of(choice: State) -> int:
    """Return the count at which a loop ends."""
    key = "NumericGreaterThanEquals"
    (limit,) = (rule[key] for rule in choice["Choices"] if key in rule)
    return int(limit)


def test_worst_run_fits_the_history() -> None:
    run, range_ = machines()
    passes = limit_of(range_["States"]["IsRangeDone"])
    of_a_range = passes * most_events(range_, "ConsolidateRange", "IsRangeDone")
    of_a_range += (passes - 1) * most_events(range_, "CountPass")
    of_a_range += EVENTS_OF_AN_ITERATION + most_events(range_, "RangeDone")
    waiting = limit_of(run["States"]["HasProjectionCaughtUp"]) * most_events(run, *WAITING)
    worst = 2 + most_events(run, *ONCE) + waiting + MOST_RANGES * of_a_range
    assert (of_a_range, worst) == (212, 23_426)
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
    unusual = {"WaitForProjection", "CountLook", "CountPass"}
    unusual |= {"ProjectionBehind", "SomeFailed", "RangeFailed", "RangeUnfinished"}
    around, of_a_range = (len(machine["States"].keys() - unusual) for machine in machines())
    assert (around, of_a_range, around + MOST_RANGES * of_a_range) == (8, 3, 308)
