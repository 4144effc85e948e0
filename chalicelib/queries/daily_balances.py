"""Daily balances (saldo diário consolidado): each day of a range opens as the one before closed.

The read model returns an opening balance and the totals of the days with entries; the ledger's
rules do the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol

from chalicelib.ledger.balances import DailyBalance, DayStatus, Totals, run_of_days
from chalicelib.queries.day_ranges import check_range
from chalicelib.queries.freshness import Freshness, WaitPolicy, read_until_complete


class BalanceQuery(NamedTuple):
    """Which balances: days first to last, one account or (None) all together, one currency.

    `after` is the id of an entry that the result should include.
    """

    merchant_id: str
    first: date
    last: date
    account: str | None
    currency: str
    after: str | None = None


@dataclass(frozen=True, slots=True)
class BalanceRows:
    """What the read model holds: minor units before `first`, and totals and statuses by day."""

    opening_minor: int
    totals: Mapping[date, Totals]
    freshness: Freshness
    day_statuses: Mapping[date, DayStatus] = field(default_factory=dict)


def balances(
    read_model: "BalanceReads", query: BalanceQuery, policy: WaitPolicy | None = None
) -> tuple[list[DailyBalance], Freshness]:
    """Return the balance of every day in the range, days without entries included.

    With `after` it waits up to 2 s for that entry. Raises InvalidQueryError when the days are more
    than 366 or out of order, ReadModelUnavailableError when PostgreSQL does not respond.
    """
    check_range(query.first, query.last)
    rows = read_until_complete(lambda: read_model.balances(query), policy or WaitPolicy())
    days = run_of_days(query.first, query.last, rows.opening_minor, rows.totals, rows.day_statuses)
    return list(days), rows.freshness


class BalanceReads(Protocol):
    """The source of balances: PostgreSQL, or a test's memory."""

    def balances(self, query: BalanceQuery, /) -> BalanceRows:
        """Return the rows; raise ReadModelUnavailableError when there is no response."""
        ...
