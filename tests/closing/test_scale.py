"""Runs over many merchants through the real code, with stores in memory."""

from datetime import timedelta

from verification.benchmarks.closing_run import DAY, EARLIER, close_days
from verification.benchmarks.seeded_stores import SeededLedger


def test_every_changed_day_is_closed_once() -> None:
    ledger = SeededLedger(300, 20, (EARLIER, DAY, DAY + timedelta(days=1)))
    summary, effects = close_days(ledger)
    assert (summary["merchants"], summary["closed"]) == (300, 600)
    assert (summary["repaired"], summary["failed"], summary["failed_ranges"]) == (0, 0, 0)
    assert effects.calls["signer.sign"] == effects.calls["read_model.insert_closing"] == 600


def test_effects_grow_linearly_with_merchants() -> None:
    few, many = (close_days(SeededLedger(n, 5, (DAY,)))[1].calls for n in (200, 1000))
    assert many["ledger.day_entries"] == many["read_model.day_state"] == 1000
    assert many["read_model.insert_closing"] == many["signer.sign"] == 1000
    assert few["archive.put"] * 5 == many["archive.put"] == 2000
    assert sum(many.values()) / 1000 < sum(few.values()) / 200 < 11
