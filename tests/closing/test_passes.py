"""A pass ends in time, and the next one continues where it ended."""

from dataclasses import replace
from datetime import timedelta
from itertools import count, repeat

from chalicelib.closing.consolidate import ConsolidationRun, Counts
from chalicelib.closing.passes import Progress, run_pass
from chalicelib.closing.ports import Page
from chalicelib.closing.ranges import SweepSegment
from tests.closing.corruptions import whole_night
from tests.fixtures.night import MIDNIGHT, YESTERDAY, LedgerInMemory, NightWorld, sale

RUN = ConsolidationRun("run-of-a-test", YESTERDAY)
BEGINNING = Progress(None, Counts())


def test_thirty_nights_sweep_the_whole_table(night_world: NightWorld) -> None:
    segments: list[tuple[int, int]] = []

    class Ledger(LedgerInMemory):
        def segment(self, number: int, of: int, start: str | None) -> Page:
            segments.append((number, of))
            return super().segment(number, of, start)

    night_world.ledger = Ledger()
    for night in range(30):
        whole_night(night_world, YESTERDAY + timedelta(days=night))
    assert sorted(segments) == [(number, 120) for number in range(120)]


def test_long_range_takes_several_passes(night_world: NightWorld) -> None:
    names = [f"{night_world.merchant}-{number:03}" for number in range(120)]
    night_world.record(*(sale(name, "a") for name in names))
    moments = map(timedelta, repeat(0), count(step=10))
    slow = replace(night_world.ports(), clock=lambda: MIDNIGHT + next(moments))
    progress, passes = BEGINNING, 0
    while passes == 0 or progress.next_after is not None:
        before = progress.counts.merchants
        progress = run_pass(slow, RUN, night_world.merchants, progress)
        passes += 1
        assert progress.counts.merchants > before or progress.next_after is None
        assert progress.counts.merchants - before < 50
    assert passes > 1
    assert progress.counts == Counts(merchants=120, closed=120)


def test_nothing_starts_after_ten_minutes(night_world: NightWorld) -> None:
    pages: list[int] = []

    class EndlessLedger(LedgerInMemory):
        def segment(self, number: int, of: int, start: str | None) -> Page:
            pages.append(number)
            night_world.now += timedelta(minutes=1)
            return Page([], "more")

    ports = replace(night_world.ports(), ledger=EndlessLedger(), clock=lambda: night_world.now)
    assert run_pass(ports, RUN, SweepSegment(0), BEGINNING).next_after == "more"
    assert len(pages) == 10
