"""Cash flow (fluxo de caixa): what came in and went out by period, and by category or account."""

from datetime import date
from typing import NamedTuple, Protocol

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.cash_flow import Grouping, Period, period_name
from chalicelib.queries.day_ranges import check_range
from chalicelib.queries.freshness import Freshness


class CashFlowParams(NamedTuple):
    """Which flow: days first to last, in one currency, by day, week or month and by group."""

    merchant_id: str
    first: date
    last: date
    by: Period
    group: Grouping
    currency: str


class PeriodTotals(NamedTuple):
    """A sum as the read model tells it; `first_day` is the first day of the whole period."""

    first_day: date
    group: str | None
    totals: Totals


class CashFlowRows(NamedTuple):
    """What the read model holds, in the order of periods and, within one, of groups."""

    sums: tuple[PeriodTotals, ...]
    freshness: Freshness


class CashFlowItem(NamedTuple):
    """One period and group; `group` is None without grouping and for entries of no category."""

    period: str
    group: str | None
    totals: Totals


def cash_flow(
    read_model: "CashFlowReads", question: CashFlowParams
) -> tuple[list[CashFlowItem], Freshness]:
    """Return the periods with entries, in order; within one the groups by name, no name last.

    A week or month that the asked days cut is summed over the asked days alone. Raises
    InvalidQueryError when the days are more than 366 or out of order, ReadModelUnavailableError
    without an answer.
    """
    check_range(question.first, question.last)
    reading = read_model.cash_flow(question)
    items = [
        CashFlowItem(period_name(one.first_day, question.by), one.group, one.totals)
        for one in reading.sums
    ]
    return items, reading.freshness


class CashFlowReads(Protocol):
    """Where cash flows are read: PostgreSQL, or the simulation's memory."""

    def cash_flow(self, question: CashFlowParams) -> CashFlowRows:
        """Return the reading; raise ReadModelUnavailableError when there is no answer."""
        ...
