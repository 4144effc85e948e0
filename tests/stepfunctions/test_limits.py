"""The arithmetic of stepfunctions/README.md: 100,000 merchants are within the limits of AWS."""

import json

from tests.stepfunctions.definition import State, machines

MOST_RANGES, LANES = 96, 4
RANGE_BYTES = 256
"""A plan may have this many ranges and lanes of the sweep, of this many bytes of JSON each."""
HISTORY_EVENTS = 25_000
STATE_BYTES = 256 * 1024
EVENTS = {"Pass": 2, "Choice": 2, "Wait": 2, "Succeed": 2, "Fail": 1, "Map": 4, "Task": 5}
"""Entered and exited; of a task also scheduled, started and succeeded; of a Map also started."""
EVENTS_OF_A_RETRY = 3
EVENTS_OF_AN_ITERATION = 2
ONCE = (
    "Begin", "PlanRanges", "ConsolidateRanges", "SweepLedger", "Summarize", "IsEveryMerchantClosed",
    "Closed",
)  # fmt: skip
WAITING = ("AwaitProjection", "HasProjectionCaughtUp", "WaitForProjection", "CountLook")


def most_events(machine: State, *names: str) -> int:
    """Return the events of states that need all their retries."""
    states = [machine["States"][name] for name in names]
    retriers = [retrier for state in states for retrier in state.get("Retry", [])]
    retries = sum(retrier["MaxAttempts"] for retrier in retriers)
    return sum(EVENTS[state["Type"]] for state in states) + EVENTS_OF_A_RETRY * int(retries)


def limit_of(choice: State) -> int:
    """Return the count at which a loop ends."""
    keys = {"NumericGreaterThanEquals", "NumericLessThan"}
    (limit,) = (rule[key] for rule in choice["Choices"] for key in keys & rule.keys())
    return int(limit)


def most_events_of_an_item(machine: State, task: str, choice: str, count: str, end: str) -> int:
    """Return the events of a Map's item that needs all its passes."""
    passes = limit_of(machine["States"][choice])
    events = passes * most_events(machine, task, choice) + (passes - 1) * most_events(
        machine, count
    )
    return events + EVENTS_OF_AN_ITERATION + most_events(machine, end)


def test_worst_run_fits_the_history() -> None:
    run, range_, lane = machines()
    of_a_range = most_events_of_an_item(
        range_, "ConsolidateRange", "IsRangeDone", "CountPass", "RangeDone"
    )
    of_a_lane = most_events_of_an_item(lane, "Sweep", "IsSweepDone", "CountSweep", "SweepEnded")
    waiting = limit_of(run["States"]["HasProjectionCaughtUp"]) * most_events(run, *WAITING)
    worst = 2 + most_events(run, *ONCE) + waiting + MOST_RANGES * of_a_range + LANES * of_a_lane
    assert (of_a_range, of_a_lane, worst) == (212, 212, 23_430)
    assert worst < HISTORY_EVENTS


def test_full_plan_fits_the_state() -> None:
    outcome = machines()[1]["States"]["RangeDone"]["Parameters"]
    counts = dict.fromkeys((name.removesuffix(".$") for name in outcome), 100_000_000)
    size = len(json.dumps({**counts, "error": "States.TaskFailed" * 3, "range": None}))
    largest = (MOST_RANGES + LANES) * (RANGE_BYTES + (size + RANGE_BYTES))
    assert largest < STATE_BYTES * 0.6


def test_merchant_of_a_large_range_has_864_ms() -> None:
    seconds = machines()[1]["States"]["ConsolidateRange"]["TimeoutSeconds"]
    assert 1000 * seconds * MOST_RANGES // 100_000 == 864


def test_usual_run_takes_309_transitions() -> None:
    unusual = {
        "WaitForProjection", "CountLook", "ReadModelIncomplete", "Rejected", "SomeFailed",
        "CountPass", "RangeFailed", "RangeUnfinished", "CountSweep", "SweepFailed",
    }  # fmt: skip
    around, of_a_range, of_a_lane = (len(m["States"].keys() - unusual) for m in machines())
    assert (around, of_a_range, of_a_lane) == (9, 3, 3)
    assert around + MOST_RANGES * of_a_range + LANES * of_a_lane == 309
