"""From the JSON that PostgreSQL answers with to the ledger's own values; integers stay exact."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.ledger.balances import DayStatus, Totals
from chalicelib.queries.cash_flow import CashFlowRows, PeriodTotals
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows
from chalicelib.queries.freshness import Freshness

if TYPE_CHECKING:
    from chalicelib.queries.entry_list import ListedEntry, PageRows, Position


def balance_reading(
    answer: Mapping[str, Any], standings: Iterable[Sequence[Any]], question: BalanceQuery
) -> BalanceRows:
    """Return what daily_balances() and day_standings() answered.

    `complete` is None unless an entry was asked for.
    """
    totals = {
        date.fromisoformat(day): Totals(credits_minor, debits_minor, entries)
        for day, credits_minor, debits_minor, entries in answer["days"]
    }
    complete = None if question.after is None else bool(answer["complete"])
    return BalanceRows(
        opening_minor=answer["opening"],
        totals=totals,
        freshness=Freshness(_instant(answer["as_of"]), complete),
        standings={
            date.fromisoformat(day): DayStatus("restated" if is_changed else "closed", version)
            for day, version, is_changed in standings
        },
    )


def cash_flow_reading(answer: Mapping[str, Any]) -> CashFlowRows:
    """Return what cash_flow() answered."""
    sums = tuple(
        PeriodTotals(
            date.fromisoformat(period), group, Totals(credits_minor, debits_minor, entries)
        )
        for period, group, credits_minor, debits_minor, entries in answer["items"]
    )
    return CashFlowRows(sums, Freshness(_instant(answer["as_of"])))


def page_reading(answer: Mapping[str, Any], merchant_id: str) -> "PageRows":
    """Return what entry_page() answered."""
    from chalicelib.queries.entry_list import PageRows

    return PageRows(
        entries=tuple(_listed(row, merchant_id) for row in answer["items"]),
        looked_to=_position(answer["looked_to"]),
        secret=bytes.fromhex(answer["secret"]),
    )


def _listed(row: Mapping[str, Any], merchant_id: str) -> "ListedEntry":
    from chalicelib.queries.entry_list import ListedEntry, Position
    from chalicelib.storage.postgres_rows import row_entry

    entry = row_entry({**row, "merchant_id": merchant_id})
    occurred = datetime.fromisoformat(row["occurred_instant"])
    return ListedEntry(entry, Position(entry.day, occurred, entry.entry_id), row["reversed_by"])


def _position(told: list[str] | None) -> "Position | None":
    if told is None:
        return None
    day, occurred, entry_id = told
    from chalicelib.queries.entry_list import Position

    return Position(date.fromisoformat(day), datetime.fromisoformat(occurred), entry_id)


def _instant(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)
