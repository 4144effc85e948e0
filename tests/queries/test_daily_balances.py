"""Daily balances from the real read model are exact, in whatever order entries arrive."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from chalicelib.ledger.balances import DailyBalance, DayStatus, Totals
from chalicelib.ledger.errors import InvalidQueryError
from tests.queries.book import DAY, Book
from verification.kit.generators import entries
from verification.kit.generators import entry as make_entry
from verification.kit.reference_model import ReferenceLedger


def test_every_day_of_two_years_adds_up(book: Book) -> None:
    recorded = entries(31, 900, [book.merchant], days=700)
    book.insert(recorded)
    ledger, first = ReferenceLedger(recorded), DAY - timedelta(days=719)
    for account, currency in ((None, "BRL"), ("bank", "BRL"), ("null", "BRL"), (None, "JPY")):
        for expected in ledger.balances(book.merchant, first, DAY, account, currency)[::7]:
            totals = Totals(*expected.totals)
            result = book.balances(expected.day, account=account, currency=currency)
            assert result == [DailyBalance(expected.day, expected.opening_minor, totals)]


def test_a_day_opens_as_the_previous_closed(book: Book) -> None:
    recorded = entries(32, 200, [book.merchant], days=500)
    book.insert(recorded)
    first = DAY - timedelta(days=365)
    result = book.balances(first, DAY)
    expected = ReferenceLedger(recorded).balances(book.merchant, first, DAY, None, "BRL")
    assert [tuple(day)[:3] for day in result] == [tuple(day) for day in expected]
    assert len(result) == 366
    assert all(b.opening_minor == a.closing_minor for a, b in pairwise(result))


def test_a_late_entry_corrects_every_later_day(book: Book) -> None:
    book.insert(entries(33, 100, [book.merchant], days=300))
    days = [DAY - timedelta(days=number) for number in (0, 22, 23, 100, 326, 327, 328, 600)]
    before = {day: book.balances(day)[0] for day in days}
    late = book.add("late", amount_minor=123, occurred_at="2026-01-01T00:30:00-03:00")
    for day in days:
        now = book.balances(day)[0]
        assert now.opening_minor - before[day].opening_minor == (123 if day > late.day else 0)
        assert now.closing_minor - before[day].closing_minor == (123 if day >= late.day else 0)


def test_a_late_evening_belongs_to_its_day(book: Book) -> None:
    book.add("sale", amount_minor=500, occurred_at="2026-11-22T23:30:00-03:00")
    book.add("utc", amount_minor=70, occurred_at="2026-11-23T02:30:00Z")
    saturday, sunday, monday = book.balances(date(2026, 11, 21), DAY)
    assert saturday.closing_minor == 0
    assert sunday == DailyBalance(date(2026, 11, 22), 0, Totals(570, 0, 2))
    assert monday == DailyBalance(DAY, 570, Totals())


def test_sums_beyond_floats_stay_exact(book: Book) -> None:
    amounts = [999_999_999_999_999 - number % 2 for number in range(2_001)]
    book.insert(
        make_entry(book.merchant, f"{number}", amount_minor=amount)
        for number, amount in enumerate(amounts)
    )
    assert float(sum(amounts)) != sum(amounts)
    assert book.balances(DAY)[0].closing_minor == sum(amounts)
    assert book.balances(DAY + timedelta(days=400))[0].opening_minor == sum(amounts)


def test_a_merchant_without_entries_has_zero(book: Book) -> None:
    assert book.balances(DAY) == [DailyBalance(DAY, 0, Totals())]


@pytest.mark.parametrize("day", [date.min, date.max, date(2024, 2, 29), DAY])
def test_any_existing_day_has_a_balance(book: Book, day: date) -> None:
    book.add()
    (balance,) = book.balances(day)
    assert balance.closing_minor == (100 if day >= DAY else 0)
    assert balance.day_status == DayStatus("open", None)


def test_invalid_ranges_are_rejected(book: Book) -> None:
    with pytest.raises(InvalidQueryError, match="before from"):
        book.balances(DAY, DAY - timedelta(days=1))
    with pytest.raises(InvalidQueryError, match="within 366 days of `from`, both") as raised:
        book.balances(DAY, DAY + timedelta(days=366))
    assert [error.field for error in raised.value.field_errors] == ["to"]
    assert len(book.balances(DAY, DAY + timedelta(days=365))) == 366
