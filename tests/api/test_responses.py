"""The responses of entries, balances and cash flow are what their types say, field for field."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from chalicelib.api.cash_flow import PeriodResponse, period_responses
from chalicelib.api.daily_balances import (
    BalanceResponse,
    FreshnessResponse,
    balance_response,
    freshness_response,
)
from chalicelib.api.entry_responses import EntryResponse, entry_response
from chalicelib.ledger.balances import DailyBalance, DayStatus, Totals
from chalicelib.ledger.entries import reversal_id_of, without_texts
from chalicelib.queries.cash_flow import CashFlowItem
from chalicelib.queries.freshness import Freshness
from verification.kit.generators import entries

ENTRIES = entries(seed=7, count=50, merchants=["padaria", "oficina"])
DAY = date(2026, 11, 23)
TOTALS = [Totals(15_075, 2_000, 3), Totals(10**38, 10**38 - 1, 10**9), Totals(0, 0, 0)]


def check(declared: Any, responses: list[Any]) -> None:
    adapter = TypeAdapter(declared)
    assert [adapter.validate_python(response, strict=True) for response in responses] == responses


def test_entries_match_their_declared_response() -> None:
    reversed_by = reversal_id_of("a" * 32)
    for entry in ENTRIES:
        versions = [entry_response(entry), entry_response(without_texts(entry))]
        check(EntryResponse, [*versions, entry_response(entry, reversed_by)])


@pytest.mark.parametrize(("currency", "group"), [("BRL", "main"), ("JPY", None), ("BHD", "sales")])
def test_totals_match_their_declared_responses(currency: str, group: str | None) -> None:
    balances = [
        DailyBalance(DAY, opening, totals, status)
        for opening, totals in zip([-(10**38), 0, 10**38], TOTALS, strict=True)
        for status in (DayStatus(), DayStatus("closed", 1), DayStatus("restated", 2))
    ]
    check(BalanceResponse, [balance_response(balance, group, currency) for balance in balances])
    items = [CashFlowItem("2026-W48", group, totals) for totals in TOTALS]
    check(PeriodResponse, period_responses(items, currency))


@pytest.mark.parametrize("as_of", [None, datetime(2026, 11, 23, 17, 5, 1, 204000, UTC)])
def test_freshness_matches_its_declared_response(as_of: datetime | None) -> None:
    values = [Freshness(as_of, complete) for complete in (None, False, True)]
    check(FreshnessResponse, [freshness_response(freshness) for freshness in values])


def test_amounts_have_the_digits_of_their_currency() -> None:
    response = balance_response(DailyBalance(DAY, 100_000, TOTALS[0]), None, "BRL")
    amounts = [response["opening"], response["credits"], response["debits"], response["closing"]]
    assert amounts == ["1000.00", "150.75", "20.00", "1130.75"]


def test_entry_has_the_formats_of_the_contract() -> None:
    entry = ENTRIES[0]._replace(amount_minor=15_075, currency="BRL", reverses="b" * 32)
    response = entry_response(entry)
    assert list(response)[:3] == ["id", "type", "amount"]
    assert (response["amount"], response["reversed_by"]) == ("150.75", None)
    assert (response["reverses"], response["day"]) == ("b" * 32, ENTRIES[0].day.isoformat())
    assert response["recorded_at"].endswith("Z")
