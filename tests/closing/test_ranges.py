"""How a run is divided, and how a pass ends in time and goes on where it ended."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from chalicelib.closing.consolidate import Counts, Night
from chalicelib.closing.ports import Page
from chalicelib.closing.ranges import Progress, plan, run_pass
from tests.fixtures.night import YESTERDAY, LedgerInMemory, NightWorld, sale
from verification.benchmarks.seeded_books import SeededBooks
from verification.benchmarks.seeded_ledger import SeededLedger

MOST_RANGES = 100
NIGHT = Night("run-of-a-test", YESTERDAY)
BEGINNING = Progress(None, Counts())


def planned(merchants: int) -> list[dict[str, Any]]:
    return plan(SeededBooks(SeededLedger(merchants, 1, (YESTERDAY,))), None)


@pytest.mark.parametrize("merchants", [0, 1, 5, 96, 1000, 100_000])
def test_the_ranges_hold_every_merchant_once_and_are_few_and_small(merchants: int) -> None:
    parts = planned(merchants)
    ranges = [part for part in parts if "first" in part]
    assert len(parts) <= MOST_RANGES
    assert len(parts) - len(ranges) == 4
    assert max(len(str(part)) for part in parts) < 256
    for before, after in pairwise(ranges):
        assert before["before"] == after["first"]
    if ranges:
        assert (ranges[0]["first"], ranges[-1]["before"]) == ("merchant-000000", None)


def test_a_merchant_that_asks_has_a_range_of_its_own() -> None:
    assert plan(SeededBooks(SeededLedger(9, 1, ())), "padaria") == [{"merchant": "padaria"}]


def test_thirty_nights_sweep_the_whole_table(night_world: NightWorld) -> None:
    request: list[tuple[int, int]] = []

    class Ledger(LedgerInMemory):
        def segment(self, number: int, of: int, start: str | None) -> Page:
            request.append((number, of))
            return super().segment(number, of, start)

    night_world.ledger = Ledger()
    for night in range(30):
        night_world.sweep(YESTERDAY + timedelta(days=night))
    assert sorted(request) == [(number, 120) for number in range(120)]


def test_a_pass_that_takes_too_long_ends_and_the_next_one_does_the_rest(
    night_world: NightWorld,
) -> None:
    names = [f"{night_world.merchant}-{number:03}" for number in range(120)]
    night_world.record(*(sale(name, "a") for name in names))
    slow = replace(night_world.ports(), clock=Clock(night_world, timedelta(seconds=10)))
    part = {"first": night_world.merchant, "before": f"{night_world.merchant}~"}
    progress, passes = BEGINNING, 0
    while passes == 0 or progress.next_after is not None:
        before = progress.counts.merchants
        progress = run_pass(slow, NIGHT, part, progress)
        passes += 1
        assert progress.counts.merchants > before or progress.next_after is None
        assert progress.counts.merchants - before < 50
    assert passes > 1
    assert progress.counts == Counts(merchants=120, closed=120)


def test_a_pass_begins_nothing_after_ten_minutes(night_world: NightWorld) -> None:
    pages: list[int] = []

    class EndlessLedger(LedgerInMemory):
        def segment(self, number: int, of: int, start: str | None) -> Page:
            pages.append(number)
            night_world.now += timedelta(minutes=1)
            return Page([], "more")

    ports = replace(night_world.ports(), ledger=EndlessLedger(), clock=lambda: night_world.now)
    assert run_pass(ports, NIGHT, {"sweep": 0}, BEGINNING).next_after == "more"
    assert len(pages) == 10


class Clock:
    """A clock that goes on by a stretch at each look."""

    def __init__(self, world: NightWorld, stretch: timedelta) -> None:
        self._world = world
        self._stretch = stretch

    def __call__(self) -> Any:
        self._world.now += self._stretch
        return self._world.now
