"""A merchant's days are closed for ever, whatever PostgreSQL lost and whenever."""

from datetime import timedelta
from typing import Any

import pytest

from tests.verification.simulation.conftest import ONE_DAY, Days
from verification.simulation.faults import Fate, Fates
from verification.simulation.nightly_runs import NightlyRuns
from verification.simulation.opening_invariants import check_openings
from verification.simulation.stores.closing_store import MemoryClosingStore


def test_closing_lost_before_its_archival_blocks_nothing(
    days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second run records the next closing before the first one's is archived."""
    days.context.runs = NightlyRuns(days.world, is_impatient=True, tries=1)
    days.sell(1)
    first = days.next_day()
    days.sell(2)
    backup = days.world.tables.backup()
    second = days.next_day()
    days.world.proxy.fates = crash_after_first("closings.insert")
    days.close(first)
    days.world.proxy.fates = lambda _port: Fate.ANSWERED
    # It read what is pending before the first run recorded its closing.
    monkeypatch.setattr(MemoryClosingStore, "pending", lambda *_: [])
    days.close(second)
    monkeypatch.undo()
    days.world.tables.restore(backup)
    days.world.clock.leap(timedelta(hours=1))
    days.context.runs.finish(second)
    days.context.runs.finish(second)
    check_openings(days.context)
    assert days.openings() == [(f"{first}", "0.00"), (f"{second}", "10.01")]


def crash_after_first(port: str) -> Fates:
    """Return the fates of calls, the first of which to a port ends its process."""
    fates = iter([Fate.CRASHED_AFTER])
    return lambda called: next(fates, Fate.ANSWERED) if called == port else Fate.ANSWERED


def test_late_entry_during_first_run_after_restore(
    days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It marks a day again whose closing, in the bucket, has an entry that PostgreSQL lost."""
    days.sell(1)
    first = days.next_day()
    days.run()
    backup = days.world.tables.backup()
    days.sell(2, at=days.world.clock.now - ONE_DAY)
    days.sell(3)
    days.next_day()
    days.run()
    days.sell(4)
    last = days.next_day()
    days.world.tables.restore(backup)
    merchants = MemoryClosingStore.merchants

    def late_entry_after_the_page(self: MemoryClosingStore, *page: Any) -> Any:
        monkeypatch.undo()
        result = merchants(self, *page)
        days.sell(5, at=days.world.clock.now - 3 * ONE_DAY)
        return result

    monkeypatch.setattr(MemoryClosingStore, "merchants", late_entry_after_the_page)
    days.context.runs.finish(last)
    check_openings(days.context)
    assert [day for day, _ in days.openings()].count(f"{first}") == 3
    assert days.openings()[-1] == (f"{last}", "110.04")
