"""A pass ends in time, and the next one continues where it ended."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count, repeat

import pytest

from chalicelib.closing.consolidate import ConsolidationRun, Counts
from chalicelib.closing.passes import Progress, run_pass
from chalicelib.closing.ports import Page
from chalicelib.closing.ranges import SingleMerchant, SweepLane
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import LedgerUnavailableError
from tests.fixtures.night import MIDNIGHT, YESTERDAY, LedgerInMemory, NightWorld, sale

RUN = ConsolidationRun("run-of-a-test", YESTERDAY)
BEGINNING = Progress(None, Counts())


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
    pages: list[str | None] = []

    class EndlessLedger(LedgerInMemory):
        def segment(self, number: int, of: int, start: str | None) -> Page:
            pages.append(start)
            night_world.now += timedelta(minutes=1)
            return Page([], f"{len(pages)}")

    ports = replace(night_world.ports(), ledger=EndlessLedger(), clock=lambda: night_world.now)
    assert run_pass(ports, RUN, SweepLane(0), BEGINNING).next_after is not None
    assert pages == [None, *map(str, range(1, 10))]


def test_unreachable_store_fails_a_merchants_own_pass(night_world: NightWorld) -> None:
    """So the state machine repeats the pass; a run of all merchants goes on to the next one."""

    class Away(LedgerInMemory):
        def day_entries(self, merchant_id: str, day: date) -> list[Entry]:
            raise LedgerUnavailableError("The table does not respond.")

    night_world.sell("a")
    ports = replace(night_world.ports(), ledger=Away())
    with pytest.raises(LedgerUnavailableError):
        run_pass(ports, RUN, SingleMerchant(night_world.merchant), BEGINNING)
    assert run_pass(ports, RUN, night_world.merchants, BEGINNING).counts == Counts(1, failed=1)
