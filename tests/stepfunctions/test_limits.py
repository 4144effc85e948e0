"""The arithmetic of stepfunctions/README.md: runs are within the limits of AWS.

A night has 100,000 merchants, a load 100 million entries.
"""

import json
from typing import Any

import pytest

from chalicelib.projection import load
from chalicelib.projection.checkpoint import RebuildStats
from chalicelib.projection.ledger_reads import segments_of
from chalicelib.projection.rebuild import LAST_STEP_SECONDS
from infrastructure.functions import function
from infrastructure.sizes import LARGE, SMALL
from tests.stepfunctions.definition import LOAD, State, machines

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


# Of `entries`, besides those of its keys.
INDEXES = 3
AROUND_THE_PARTS = (
    "DivideEntries", "IsLoadPossible", "LoadEntries", *["BuildIndex", "AreIndexesBuilt"] * INDEXES,
    "DivideTotals", "AddUpTotals", "EndLoad", "Loaded",
)  # fmt: skip


def events(machine: State, *names: str) -> int:
    """Return the events of states without retries."""
    return sum(EVENTS[machine["States"][name]["Type"]] for name in names)


@pytest.mark.parametrize(
    ("parts", "expected", "retries"), [(16, 4_434, 6_855), (40, 11_010, 4_663)]
)
def test_longest_load_fits_the_history(parts: int, expected: int, retries: int) -> None:
    """A pass that leaves something works for ten minutes, so the run's time limits their number."""
    run, entries, totals = machines(LOAD)
    pass_seconds = function("rebuild").timeout_seconds - LAST_STEP_SECONDS
    passes = run["TimeoutSeconds"] // pass_seconds + 2  # and the last one of each half
    assert passes == 38
    of_a_part = passes * events(entries, "LoadPart", "IsPartLoaded") + events(entries, "PartLoaded")
    of_a_part += events(totals, "PartAddedUp") + 2 * EVENTS_OF_AN_ITERATION
    assert events(totals, "AddUpPart") == events(entries, "LoadPart")
    longest = int(2 + events(run, *AROUND_THE_PARTS) + parts * of_a_part)
    assert (longest, (HISTORY_EVENTS - longest) // EVENTS_OF_A_RETRY) == (expected, retries)


@pytest.mark.parametrize(("parts", "expected"), [(16, 9_058), (40, 22_570)])
def test_throttled_load_fits_the_history(parts: int, expected: int) -> None:
    """Every pass works for ten minutes, after all retries of throttled calls, of 980 s in all."""
    run, entries, totals = machines(LOAD)
    passes = run["TimeoutSeconds"] // (600 + 980) + 2  # and the last one of each half
    retries = EVENTS_OF_A_RETRY * entries["States"]["LoadPart"]["Retry"][0]["MaxAttempts"]
    of_a_part = passes * (events(entries, "LoadPart", "IsPartLoaded") + retries)
    of_a_part += events(entries, "PartLoaded") + events(totals, "PartAddedUp")
    of_a_part += 2 * EVENTS_OF_AN_ITERATION
    assert int(2 + events(run, *AROUND_THE_PARTS) + parts * of_a_part) == expected
    assert expected < HISTORY_EVENTS


@pytest.mark.parametrize(("parts", "kilobytes"), [(1, 11), (16, 10), (40, 17)])
def test_positions_of_a_load_fit_the_state(parts: int, kilobytes: int) -> None:
    """Each part is between two pages of each of its segments, or between two merchants."""
    now, key, merchant = "2026-11-30 22:58:39.123456+00", {"entry_id": {"S": "a" * 32}}, "m" * 40
    stats = RebuildStats(*[100_000_000] * len(RebuildStats._fields))
    after = dict.fromkeys(segments_of(0, parts) or {}, key)
    places = [
        load.LoadCheckpoint("entries", now, True, after, None, stats),
        load.LoadCheckpoint("sums", now, True, merchant, merchant, stats),
    ]
    largest = max(len(load.encode(place)) for place in places)
    outcome = len(json.dumps(dict.fromkeys(("entries", "missing", "unreadable"), 100_000_000)))
    size = largest + parts * (largest + outcome)
    assert (size // 1000, size < STATE_BYTES * 0.1) == (kilobytes, True)


def test_hundred_million_entries_take_141_transitions() -> None:
    """16 parts, each of two passes of ten minutes, and one for the totals of its merchants."""
    entries, totals = 16 * (2 * 2 + 1), 16 * (1 * 2 + 1)
    assert len(AROUND_THE_PARTS) + entries + totals == 141


@pytest.mark.parametrize(("size", "parts"), [(SMALL, 4), (LARGE, 16)], ids=["small", "large"])
def test_every_part_runs_at_once(size: Any, parts: int) -> None:
    assert size.reservations()["rebuild"] == parts
    outer = machines(LOAD)[0]["States"]
    most = {outer[name]["MaxConcurrency"] for name in ("LoadEntries", "AddUpTotals")}
    assert most == {40}  # the most that an inline Map runs at once
