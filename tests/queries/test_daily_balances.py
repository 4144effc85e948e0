"""Daily balances from the real read model are exact, in whatever order entries arrive."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from chalicelib.ledger.balances import DailyBalance, Totals
from chalicelib.ledger.errors import InvalidQueryError
from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.projection import Projection
from verification.kit.generators import entries
from verification.kit.generators import entry as make_entry
from verification.kit.reference_model import ReferenceLedger

ReadBalances = Callable[..., list[DailyBalance]]
DAY = date(2026, 11, 23)


@pytest.fixture
def read(read_model: ReadModel, merchant: str) -> ReadBalances:
    """Read the balances of the test's merchant."""

    def read_balances(first: date, last: date | None = None, **more: Any) -> list[DailyBalance]:
        options = {"account": None, "currency": "BRL", **more}
        query = BalanceQuery(merchant, first, last or first, **options)
        return balances(read_model, query)[0]

    return read_balances


def test_every_day_of_two_years_adds_up(
    read: ReadBalances, projection: Projection, merchant: str
) -> None:
    recorded = entries(31, 900, [merchant], days=700)
    projection.insert(recorded)
    ledger = ReferenceLedger(recorded)
    first = DAY - timedelta(days=719)
    for account, currency in ((None, "BRL"), ("bank", "BRL"), ("null", "BRL"), (None, "JPY")):
        for expected in ledger.balances(merchant, first, DAY, account, currency)[::7]:
            totals = Totals(*expected.totals)
            result = read(expected.day, account=account, currency=currency)
            assert result == [DailyBalance(expected.day, expected.opening_minor, totals)]


def test_a_day_opens_as_the_previous_closed(
    read: ReadBalances, projection: Projection, merchant: str
) -> None:
    recorded = entries(32, 200, [merchant], days=500)
    projection.insert(recorded)
    first = DAY - timedelta(days=365)
    result = read(first, DAY)
    expected = ReferenceLedger(recorded).balances(merchant, first, DAY, None, "BRL")
    assert [tuple(day)[:3] for day in result] == [tuple(day) for day in expected]
    assert len(result) == 366
    assert all(b.opening_minor == a.closing_minor for a, b in pairwise(result))


def test_a_late_entry_corrects_every_later_day(
    read: ReadBalances, projection: Projection, merchant: str
) -> None:
    projection.insert(entries(33, 100, [merchant], days=300))
    days = [DAY - timedelta(days=number) for number in (0, 22, 23, 100, 326, 327, 328, 600)]
    before = {day: read(day)[0] for day in days}
    late = make_entry(merchant, "late", amount_minor=123, occurred_at="2026-01-01T00:30:00-03:00")
    projection.insert([late])
    for day in days:
        now = read(day)[0]
        assert now.opening_minor - before[day].opening_minor == (123 if day > late.day else 0)
        assert now.closing_minor - before[day].closing_minor == (123 if day >= late.day else 0)


def test_a_late_evening_belongs_to_its_day(
    read: ReadBalances, projection: Projection, merchant: str
) -> None:
    sale = make_entry(merchant, "sale", amount_minor=500, occurred_at="2026-11-22T23:30:00-03:00")
    in_utc = make_entry(merchant, "utc", amount_minor=70, occurred_at="2026-11-23T02:30:00Z")
    projection.insert([sale, in_utc])
    saturday, sunday, monday = read(date(2026, 11, 21), DAY)
    assert saturday.closing_minor == 0
    assert sunday == DailyBalance(date(2026, 11, 22), 0, Totals(570, 0, 2))
    assert monday == DailyBalance(DAY, 570, Totals())


def test_sums_beyond_floats_stay_exact(
    read: ReadBalances, projection: Projection, merchant: str
) -> None:
    largest = 999_999_999_999_999
    many = [make_entry(merchant, f"{n}", amount_minor=largest - n % 2) for n in range(2_001)]
    projection.insert(many)
    exact = sum(entry.amount_minor for entry in many)
    assert float(exact) != exact
    assert read(DAY)[0].closing_minor == exact
    assert read(DAY + timedelta(days=400))[0].opening_minor == exact


def test_a_merchant_without_entries_has_zero(read: ReadBalances) -> None:
    assert read(DAY) == [DailyBalance(DAY, 0, Totals())]


@pytest.mark.parametrize("day", [date.min, date.max, date(2024, 2, 29)])
def test_any_existing_day_has_a_balance(
    read: ReadBalances, projection: Projection, merchant: str, day: date
) -> None:
    projection.insert([make_entry(merchant, "one")])
    assert read(day)[0].closing_minor == (100 if day > DAY else 0)


def test_invalid_ranges_are_rejected(read: ReadBalances) -> None:
    with pytest.raises(InvalidQueryError, match="before from"):
        read(DAY, DAY - timedelta(days=1))
    with pytest.raises(InvalidQueryError, match="within 366 days of `from`, both days included") as raised:
        read(DAY, DAY + timedelta(days=366))
    assert [error.field for error in raised.value.field_errors] == ["to"]
    assert len(read(DAY, DAY + timedelta(days=365))) == 366


def test_a_new_day_is_open(read: ReadBalances, projection: Projection, merchant: str) -> None:
    projection.insert([make_entry(merchant, "one")])
    assert (read(DAY)[0].day_status.status, read(DAY)[0].day_status.version) == ("open", None)
