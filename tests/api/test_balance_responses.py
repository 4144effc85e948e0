"""The responses of balances and cash flow are what their types say, field for field."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from chalicelib.api.cash_flow import PeriodResponse, period_responses
from chalicelib.api.daily_balances import (
    BalanceResponse,
    FreshnessResponse,
    balance_response,
    freshness_response,
)
from chalicelib.ledger.balances import DailyBalance, DayStatus, Totals
from chalicelib.queries.cash_flow import CashFlowItem
from chalicelib.queries.freshness import Freshness

TOTALS = st.builds(Totals, st.integers(0, 10**38), st.integers(0, 10**38), st.integers(0, 10**9))
CURRENCIES = st.sampled_from(["BRL", "JPY", "BHD"])
BALANCES = st.builds(
    DailyBalance,
    st.dates(),
    st.integers(-(10**38), 10**38),
    TOTALS,
    st.sampled_from([DayStatus(), DayStatus("closed", 1), DayStatus("restated", 2)]),
)


@given(BALANCES, st.none() | st.just("main"), CURRENCIES)
def test_balance_matches_its_declared_response(
    balance: DailyBalance, account: str | None, currency: str
) -> None:
    response = balance_response(balance, account, currency)
    assert TypeAdapter(BalanceResponse).validate_python(response, strict=True) == response


@given(TOTALS, st.none() | st.just("sales"), CURRENCIES)
def test_period_matches_its_declared_response(
    totals: Totals, group: str | None, currency: str
) -> None:
    (response,) = period_responses([CashFlowItem("2026-W48", group, totals)], currency)
    assert TypeAdapter(PeriodResponse).validate_python(response, strict=True) == response


@pytest.mark.parametrize("as_of", [None, datetime(2026, 11, 23, 17, 5, 1, 204000, UTC)])
@pytest.mark.parametrize("complete", [None, False, True])
def test_freshness_matches_its_declared_response(
    as_of: datetime | None, complete: bool | None
) -> None:
    response = freshness_response(Freshness(as_of, complete))
    assert TypeAdapter(FreshnessResponse).validate_python(response, strict=True) == response


def test_amounts_have_the_digits_of_their_currency() -> None:
    balance = DailyBalance(date(2026, 11, 23), 100_000, Totals(15_075, 2_000, 3))
    response = balance_response(balance, None, "BRL")
    amounts = [response["opening"], response["credits"], response["debits"], response["closing"]]
    assert amounts == ["1000.00", "150.75", "20.00", "1130.75"]
