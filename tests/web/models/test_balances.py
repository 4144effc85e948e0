"""What is answered is what the models say, field for field."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.models.balances import (
    BalanceAnswer,
    FreshnessAnswer,
    PeriodAnswer,
    balance_json,
    cash_flow_json,
    freshness_json,
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
def test_a_balance_is_what_its_model_says(
    balance: DailyBalance, account: str | None, currency: str
) -> None:
    shown = balance_json(balance, account, currency)
    assert BalanceAnswer.model_validate(shown, strict=True).model_dump() == shown


@given(TOTALS, st.none() | st.just("sales"), CURRENCIES)
def test_a_period_is_what_its_model_says(totals: Totals, group: str | None, currency: str) -> None:
    (shown,) = cash_flow_json([CashFlowItem("2026-W48", group, totals)], currency)
    assert PeriodAnswer.model_validate(shown, strict=True).model_dump() == shown


@pytest.mark.parametrize("as_of", [None, datetime(2026, 11, 23, 17, 5, 1, 204000, UTC)])
@pytest.mark.parametrize("complete", [None, False, True])
def test_freshness_is_what_its_model_says(as_of: datetime | None, complete: bool | None) -> None:
    shown = freshness_json(Freshness(as_of, complete))
    assert FreshnessAnswer.model_validate(shown, strict=True).model_dump() == shown


def test_each_amount_has_the_digits_of_its_currency() -> None:
    balance = DailyBalance(date(2026, 11, 23), 100_000, Totals(15_075, 2_000, 3))
    shown = balance_json(balance, None, "BRL")
    amounts = [shown[name] for name in ("opening", "credits", "debits", "closing")]
    assert amounts == ["1000.00", "150.75", "20.00", "1130.75"]
