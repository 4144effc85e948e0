"""Cash flow by period and group, compared with the reference ledger."""

import json
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.api.cash_flow import period_responses
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.cash_flow import Grouping, Period
from chalicelib.ledger.errors import InvalidQueryError
from chalicelib.queries.cash_flow import (
    CashFlowItem,
    CashFlowParams,
    CashFlowRows,
    PeriodTotals,
    cash_flow,
)
from chalicelib.queries.freshness import Freshness
from tests.queries.book import DAY, Book
from verification.kit.generators import entries
from verification.kit.reference_model import ReferenceLedger

FIRST = DAY - timedelta(days=365)


@pytest.mark.parametrize("by", ["day", "week", "month"])
@pytest.mark.parametrize("group", ["category", "account", "none"])
def test_every_period_and_group_adds_up(book: Book, by: Period, group: Grouping) -> None:
    recorded = entries(51, 300, [book.merchant], days=450)
    book.insert(recorded)
    params = CashFlowParams(book.merchant, FIRST, DAY, by, group, "BRL")
    result, freshness = cash_flow(book.read_model, params)
    expected = ReferenceLedger(recorded).cash_flow(*params[:6])
    assert [tuple(item) for item in result] == [tuple(item) for item in expected]
    assert freshness.as_of == recorded[-1].recorded_at


def test_weeks_are_iso_weeks_around_new_year(book: Book) -> None:
    book.add_noons("2024-12-29", "2024-12-30", "2024-12-31", "2025-01-05", "2025-01-06")
    first, last = date(2024, 12, 1), date(2025, 1, 31)
    params = CashFlowParams(book.merchant, first, last, "week", "none", "BRL")
    assert cash_flow(book.read_model, params)[0] == [
        CashFlowItem("2024-W52", None, Totals(100, 0, 1)),
        CashFlowItem("2025-W01", None, Totals(300, 0, 3)),
        CashFlowItem("2025-W02", None, Totals(100, 0, 1)),
    ]


def test_a_partial_period_sums_only_its_days(book: Book) -> None:
    book.add_noons("2026-11-01", "2026-11-02", "2026-11-03")
    params = CashFlowParams(book.merchant, date(2026, 11, 2), DAY, "month", "none", "BRL")
    result, _ = cash_flow(book.read_model, params)
    assert result == [CashFlowItem("2026-11", None, Totals(200, 0, 2))]


@pytest.mark.parametrize(("items", "is_rejected"), [(10_000, False), (10_001, True)])
def test_more_than_10_000_items_are_rejected(items: int, is_rejected: bool) -> None:
    amounts = Totals(10**38 - 1, 1, 10**12)
    sums = (PeriodTotals(DAY, "x" * 40, amounts),) * items
    rows = CashFlowRows(sums, Freshness(None, None))
    params = CashFlowParams("padaria", DAY, DAY, "day", "category", "BRL")
    reads: Any = SimpleNamespace(cash_flow=lambda _: rows)
    if is_rejected:
        with pytest.raises(InvalidQueryError, match="more than 10,000 items"):
            cash_flow(reads, params)
    else:
        body = json.dumps(period_responses(cash_flow(reads, params)[0], "BRL"))
        assert len(json.dumps(body)) < 5 * 1024 * 1024


def test_more_than_366_days_are_rejected(book: Book) -> None:
    first = FIRST - timedelta(days=1)
    with pytest.raises(InvalidQueryError, match="within 366 days of `from`, both"):
        cash_flow(book.read_model, CashFlowParams(book.merchant, first, DAY, "day", "none", "BRL"))
