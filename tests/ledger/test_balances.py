"""Balances: totals are sums, and every day opens with the closing balance of the day before."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.balances import (
    DailyBalance,
    DayStatus,
    Totals,
    run_of_days,
    totals_by,
    totals_of,
)
from chalicelib.ledger.entries import Entry
from verification.kit.strategies import entries

FIRST = date(2026, 11, 1)
totals = st.builds(Totals, st.integers(0, 10**20), st.integers(0, 10**20), st.integers(0, 10**6))
days_totals = st.dictionaries(st.integers(-5, 45).map(lambda n: FIRST + timedelta(days=n)), totals)


@given(st.lists(entries(), max_size=8), st.randoms(use_true_random=False))
def test_totals_are_sums_in_any_order(several: list[Entry], order: Random) -> None:
    result = totals_of(several)
    assert result.entries == len(several)
    assert result.net_minor == sum(entry.effect_minor for entry in several)
    assert result.credits_minor + result.debits_minor == sum(e.amount_minor for e in several)
    order.shuffle(several)
    assert totals_of(several) == result


@given(st.lists(entries(), max_size=6), st.lists(entries(), max_size=6))
def test_totals_of_parts_add_up(some: list[Entry], others: list[Entry]) -> None:
    assert totals_of(some + others) == totals_of(some).plus(totals_of(others))


@given(st.lists(entries(), max_size=8))
def test_each_group_has_its_own_totals(several: list[Entry]) -> None:
    result = totals_by(several, lambda entry: entry.account)
    assert result == {
        account: totals_of(entry for entry in several if entry.account == account)
        for account in {entry.account for entry in several}
    }


@given(st.integers(-(10**20), 10**20), days_totals, st.integers(0, 40))
def test_each_day_opens_with_the_closing_before(
    opening: int, of_days: dict[date, Totals], length: int
) -> None:
    last = FIRST + timedelta(days=length)
    run = list(run_of_days(FIRST, last, opening, of_days, {}))
    assert [balance.day for balance in run] == [FIRST + timedelta(n) for n in range(length + 1)]
    assert run[0].opening_minor == opening
    assert all(later.opening_minor == day.closing_minor for day, later in pairwise(run))
    within = [sums for day, sums in of_days.items() if FIRST <= day <= last]
    assert run[-1].closing_minor == opening + sum(sums.net_minor for sums in within)


@given(days_totals, st.integers(0, 39))
def test_range_may_be_split_anywhere(of_days: dict[date, Totals], length: int) -> None:
    middle, last = FIRST + timedelta(days=length), FIRST + timedelta(days=40)
    whole = list(run_of_days(FIRST, last, 7, of_days, {}))
    head = list(run_of_days(FIRST, middle, 7, of_days, {}))
    tail = run_of_days(middle + timedelta(1), last, head[-1].closing_minor, of_days, {})
    assert whole == [*head, *tail]


def test_days_without_entries_keep_the_balance() -> None:
    second = FIRST + timedelta(days=1)
    assert list(run_of_days(FIRST, second, -500, {}, {FIRST: DayStatus("restated", 2)})) == [
        DailyBalance(FIRST, -500, Totals(), DayStatus("restated", 2)),
        DailyBalance(second, -500, Totals(), DayStatus("open", None)),
    ]
