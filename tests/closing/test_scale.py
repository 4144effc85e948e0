"""A night of many merchants through the real code, with stores in memory."""

from datetime import timedelta

from verification.benchmarks.night import DAY, EARLIER, night
from verification.benchmarks.seeded_ledger import SeededLedger

MERCHANTS = 300


def test_every_day_of_every_merchant_is_closed_once() -> None:
    ledger = SeededLedger(MERCHANTS, 20, (EARLIER, DAY, DAY + timedelta(days=1)))
    summary, effects = night(ledger)
    assert summary == {
        "merchants": MERCHANTS,
        "closed": 2 * MERCHANTS,
        "repaired": 0,
        "failed": 0,
        "failed_ranges": 0,
    }
    assert effects.calls["sign"] == effects.calls["books.record"] == 2 * MERCHANTS


def test_a_merchants_effects_do_not_grow_with_the_number_of_merchants() -> None:
    few, many = (night(SeededLedger(n, 5, (DAY,)))[1].calls for n in (200, 1000))
    of_merchants = {"ledger.day_entries", "books.day_state", "books.record", "sign"}
    assert {name: many[name] for name in of_merchants} == dict.fromkeys(of_merchants, 1000)
    assert few["archive"] * 5 == many["archive"] == 2000
    in_all = sum(many.values()) / 1000
    assert in_all < sum(few.values()) / 200 < 10
