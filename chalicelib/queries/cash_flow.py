"""Cash flow (fluxo de caixa): money in and out by period, and by category or account."""

from datetime import date
from typing import NamedTuple, Protocol

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.cash_flow import Grouping, Period, period_name
from chalicelib.ledger.errors import FieldError, InvalidQueryError
from chalicelib.queries.day_ranges import check_range
from chalicelib.queries.freshness import Freshness

MOST_ITEMS = 10_000
"""The most items of a response, which then has less than 4 MB."""


class CashFlowParams(NamedTuple):
    """Which flow: days first to last, in one currency, by day, week or month and by group.

    `left_out` are groups that the flow does not have: categories whose money only moves.
    """

    merchant_id: str
    first: date
    last: date
    by: Period
    group: Grouping
    currency: str
    left_out: frozenset[str] = frozenset()


class PeriodTotals(NamedTuple):
    """The totals of a period and group; `first_day` is the first day of the whole period."""

    first_day: date
    group: str | None
    totals: Totals


class CashFlowRows(NamedTuple):
    """What the read model holds, ordered by period and then by group."""

    sums: tuple[PeriodTotals, ...]
    freshness: Freshness


class CashFlowItem(NamedTuple):
    """A period and group; `group` is None without grouping and for entries without a category."""

    period: str
    group: str | None
    totals: Totals


def cash_flow(
    read_model: "CashFlowReads", params: CashFlowParams
) -> tuple[list[CashFlowItem], Freshness]:
    """Return the periods with entries, in order, and in each its groups by name, None last.

    A week or month that is only partly in the range is summed over the days in the range. Raises
    InvalidQueryError when the days are more than 366 or out of order, or have more than 10,000
    items, and ReadModelUnavailableError when PostgreSQL does not respond.
    """
    check_range(params.first, params.last)
    rows = read_model.cash_flow(params)
    sums = [period for period in rows.sums if period.group not in params.left_out]
    if len(sums) > MOST_ITEMS:
        message = f"must be nearer to `from`: these days have more than {MOST_ITEMS:,} items"
        raise InvalidQueryError(f"to {message}.", [FieldError("to", message)])
    items = [
        CashFlowItem(period_name(period.first_day, params.by), period.group, period.totals)
        for period in sums
    ]
    return items, rows.freshness


class CashFlowReads(Protocol):
    """The source of cash flows: PostgreSQL, or a test's memory."""

    def cash_flow(self, params: CashFlowParams, /) -> CashFlowRows:
        """Return the rows; raise ReadModelUnavailableError when there is no response."""
        ...
