"""Cash flow by period and group, compared with the reference ledger."""

from datetime import date, timedelta

import pytest

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.cash_flow import Grouping, Period
from chalicelib.ledger.errors import InvalidQueryError
from chalicelib.queries.cash_flow import CashFlowItem, CashFlowParams, cash_flow
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.projection import Projection
from tests.queries.test_daily_balances import DAY
from verification.kit.generators import entries
from verification.kit.generators import entry as make_entry
from verification.kit.reference_model import ReferenceLedger

FIRST = DAY - timedelta(days=365)


@pytest.mark.parametrize("by", ["day", "week", "month"])
@pytest.mark.parametrize("group", ["category", "account", "none"])
def test_every_period_and_group_adds_up(
    read_model: ReadModel, projection: Projection, merchant: str, by: Period, group: Grouping
) -> None:
    recorded = entries(51, 300, [merchant], days=450)
    projection.insert(recorded)
    result, freshness = cash_flow(
        read_model, CashFlowParams(merchant, FIRST, DAY, by, group, "BRL")
    )
    expected = ReferenceLedger(recorded).cash_flow(merchant, FIRST, DAY, by, group, "BRL")
    assert [tuple(item) for item in result] == [tuple(item) for item in expected]
    assert freshness.as_of == recorded[-1].recorded_at


def test_weeks_are_iso_weeks_around_new_year(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    days = ("2024-12-29", "2024-12-30", "2024-12-31", "2025-01-05", "2025-01-06")
    sales = [make_entry(merchant, day, occurred_at=f"{day}T12:00:00-03:00") for day in days]
    projection.insert(sales)
    query = CashFlowParams(merchant, date(2024, 12, 1), date(2025, 1, 31), "week", "none", "BRL")
    assert cash_flow(read_model, query)[0] == [
        CashFlowItem("2024-W52", None, Totals(100, 0, 1)),
        CashFlowItem("2025-W01", None, Totals(300, 0, 3)),
        CashFlowItem("2025-W02", None, Totals(100, 0, 1)),
    ]


def test_a_partial_period_sums_only_its_days(
    read_model: ReadModel, projection: Projection, merchant: str
) -> None:
    days = ("2026-11-01", "2026-11-02", "2026-11-03")
    sales = [make_entry(merchant, day, occurred_at=f"{day}T12:00:00-03:00") for day in days]
    projection.insert(sales)
    query = CashFlowParams(merchant, date(2026, 11, 2), DAY, "month", "none", "BRL")
    assert cash_flow(read_model, query)[0] == [CashFlowItem("2026-11", None, Totals(200, 0, 2))]


def test_more_than_366_days_are_rejected(read_model: ReadModel, merchant: str) -> None:
    query = CashFlowParams(merchant, FIRST - timedelta(days=1), DAY, "day", "none", "BRL")
    with pytest.raises(InvalidQueryError, match="within 366 days of `from`, both days included"):
        cash_flow(read_model, query)
