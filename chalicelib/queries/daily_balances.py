"""Daily balances (saldo diário consolidado): every day of a run, each opening with the one before.

The read model answers with an opening balance and the totals of days with entries; the rest is the
ledger's own rule.
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

    `after` is the id of an entry that the answer should contain.
    """

    merchant_id: str
    first: date
    last: date
    account: str | None
    currency: str
    after: str | None = None


@dataclass(frozen=True, slots=True)
class BalanceRows:
    """What the read model holds: minor units before `first`, and totals and standings by day."""

    opening_minor: int
    totals: Mapping[date, Totals]
    freshness: Freshness
    standings: Mapping[date, DayStatus] = field(default_factory=dict)


def balances(
    read_model: "BalanceReads", question: BalanceQuery, patience: WaitPolicy | None = None
) -> tuple[list[DailyBalance], Freshness]:
    """Return the balance of every day asked for, gaps included, and how new they are.

    With `after` it waits up to 2 s for that entry. Raises InvalidQueryError when the days are more
    than 366 or out of order, ReadModelUnavailableError when PostgreSQL does not answer.
    """
    check_range(question.first, question.last)
    reading = read_until_complete(lambda: read_model.balances(question), patience or WaitPolicy())
    days = run_of_days(
        question.first, question.last, reading.opening_minor, reading.totals, reading.standings
    )
    return list(days), reading.freshness


class BalanceReads(Protocol):
    """Where balances are read: PostgreSQL, or the simulation's memory."""

    def balances(self, question: BalanceQuery) -> BalanceRows:
        """Return the reading; raise ReadModelUnavailableError when there is no answer."""
        ...
