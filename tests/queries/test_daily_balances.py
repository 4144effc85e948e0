"""Daily balances from the real read model: right to the cent, whatever came when."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from chalicelib.ledger.balances import DailyBalance, Totals
from chalicelib.ledger.errors import InvalidQueryError
from chalicelib.projection.project import project
from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.projection import Projection
from verification.kit.generators import all_inserted, entries, entry
from verification.kit.reference_model import ReferenceLedger

Ask = Callable[..., list[DailyBalance]]
DAY = date(2026, 11, 23)


@pytest.fixture
def ask(read_model: ReadModel, merchant: str) -> Ask:
    """Ask for the balances of the test's merchant."""

    def asked(first: date, last: date | None = None, **more: Any) -> list[DailyBalance]:
        wanted = {"account": None, "currency": "BRL", **more}
        question = BalanceQuery(merchant, first, last or first, **wanted)
        return balances(read_model, question)[0]

    return asked


def test_every_day_of_two_years_is_the_sum_by_hand(
    ask: Ask, projection: Projection, merchant: str
) -> None:
    recorded = entries(31, 900, [merchant], days=700)
    project(all_inserted(recorded), projection.ports)
    ledger = ReferenceLedger(recorded)
    first = DAY - timedelta(days=719)
    for account, currency in ((None, "BRL"), ("bank", "BRL"), ("null", "BRL"), (None, "JPY")):
        for expected in ledger.balances(merchant, first, DAY, account, currency)[::7]:
            result = ask(expected.day, account=account, currency=currency)
            assert result == [
                DailyBalance(expected.day, expected.opening_minor, Totals(*expected.totals))
            ]


def test_a_range_holds_every_day_and_each_opens_as_the_one_before_closed(
    ask: Ask, projection: Projection, merchant: str
) -> None:
    recorded = entries(32, 200, [merchant], days=500)
    project(all_inserted(recorded), projection.ports)
    first = DAY - timedelta(days=365)
    result = ask(first, DAY)
    expected = ReferenceLedger(recorded).balances(merchant, first, DAY, None, "BRL")
    assert [tuple(day)[:3] for day in result] == [tuple(day) for day in expected]
    assert len(result) == 366
    assert all(b.opening_minor == a.closing_minor for a, b in pairwise(result))


def test_an_entry_of_long_ago_corrects_every_later_day(
    ask: Ask, projection: Projection, merchant: str
) -> None:
    project(all_inserted(entries(33, 100, [merchant], days=300)), projection.ports)
    days = [DAY - timedelta(days=number) for number in (0, 22, 23, 100, 326, 327, 328, 600)]
    before = {day: ask(day)[0] for day in days}
    late = entry(merchant, "late", amount_minor=123, occurred_at="2026-01-01T00:30:00-03:00")
    project(all_inserted([late]), projection.ports)
    for day in days:
        now = ask(day)[0]
        assert now.opening_minor - before[day].opening_minor == (123 if day > late.day else 0)
        assert now.closing_minor - before[day].closing_minor == (123 if day >= late.day else 0)


def test_half_past_eleven_at_night_in_sao_paulo_is_that_day(
    ask: Ask, projection: Projection, merchant: str
) -> None:
    sale = entry(merchant, "sale", amount_minor=500, occurred_at="2026-11-22T23:30:00-03:00")
    in_utc = entry(merchant, "utc", amount_minor=70, occurred_at="2026-11-23T02:30:00Z")
    project(all_inserted([sale, in_utc]), projection.ports)
    saturday, sunday, monday = ask(date(2026, 11, 21), DAY)
    assert saturday.closing_minor == 0
    assert sunday == DailyBalance(date(2026, 11, 22), 0, Totals(570, 0, 2))
    assert monday == DailyBalance(DAY, 570, Totals())


def test_sums_stay_exact_beyond_what_a_float_can_hold(
    ask: Ask, projection: Projection, merchant: str
) -> None:
    largest = 999_999_999_999_999
    many = [entry(merchant, f"{n}", amount_minor=largest - n % 2) for n in range(2_001)]
    project(all_inserted(many), projection.ports)
    exact = sum(one.amount_minor for one in many)
    assert float(exact) != exact
    assert ask(DAY)[0].closing_minor == exact
    assert ask(DAY + timedelta(days=400))[0].opening_minor == exact


def test_a_merchant_that_never_recorded_has_a_balance_of_nothing(ask: Ask) -> None:
    assert ask(DAY) == [DailyBalance(DAY, 0, Totals())]


@pytest.mark.parametrize("day", [date.min, date.max, date(2024, 2, 29)])
def test_any_day_that_exists_can_be_asked_for(
    ask: Ask, projection: Projection, merchant: str, day: date
) -> None:
    project(all_inserted([entry(merchant, "one")]), projection.ports)
    assert ask(day)[0].closing_minor == (100 if day > DAY else 0)


def test_days_out_of_order_or_too_many_are_refused(ask: Ask) -> None:
    with pytest.raises(InvalidQueryError, match="before from"):
        ask(DAY, DAY - timedelta(days=1))
    with pytest.raises(InvalidQueryError, match="at most 366 days") as refused:
        ask(DAY, DAY + timedelta(days=366))
    assert [fault.field for fault in refused.value.field_errors] == ["to"]
    assert len(ask(DAY, DAY + timedelta(days=365))) == 366


def test_days_are_open_and_without_version(ask: Ask, projection: Projection, merchant: str) -> None:
    project(all_inserted([entry(merchant, "one")]), projection.ports)
    assert (ask(DAY)[0].day_status.status, ask(DAY)[0].day_status.version) == ("open", None)
