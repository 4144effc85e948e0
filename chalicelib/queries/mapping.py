"""From PostgreSQL's JSON to the ledger's own values; integers stay exact."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.ledger.balances import DayStatus, Totals
from chalicelib.queries.cash_flow import CashFlowRows, PeriodTotals
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows
from chalicelib.queries.freshness import Freshness

if TYPE_CHECKING:
    from chalicelib.queries.closings import LeafRows
    from chalicelib.queries.entry_list import ListedEntry, PageRows, Position

_LEAF_COLUMNS = (
    *("entry_id", "type", "amount_minor", "currency", "account", "day"),
    *("occurred_at", "recorded_at", "reverses", "text_digest"),
)
"""The columns of closing_entries(): everything in a leaf except the merchant."""


def balance_rows(
    result: Mapping[str, Any], day_statuses: Iterable[Sequence[Any]], query: BalanceQuery
) -> BalanceRows:
    """Return the results of daily_balances() and day_standings().

    `complete` is None for a query without `after`.
    """
    totals = {
        date.fromisoformat(day): Totals(credits_minor, debits_minor, entries)
        for day, credits_minor, debits_minor, entries in result["days"]
    }
    complete = None if query.after is None else bool(result["complete"])
    return BalanceRows(
        opening_minor=result["opening"],
        totals=totals,
        freshness=Freshness(_instant(result["as_of"]), complete),
        day_statuses={
            date.fromisoformat(day): DayStatus("restated" if is_changed else "closed", version)
            for day, version, is_changed in day_statuses
        },
    )


def cash_flow_rows(result: Mapping[str, Any]) -> CashFlowRows:
    """Return the result of cash_flow()."""
    sums = tuple(
        PeriodTotals(
            date.fromisoformat(period), group, Totals(credits_minor, debits_minor, entries)
        )
        for period, group, credits_minor, debits_minor, entries in result["items"]
    )
    return CashFlowRows(sums, Freshness(_instant(result["as_of"])))


def page_rows(result: Mapping[str, Any], merchant_id: str) -> "PageRows":
    """Return the result of entry_page()."""
    from chalicelib.queries.entry_list import PageRows

    return PageRows(
        entries=tuple(_listed(row, merchant_id) for row in result["items"]),
        scanned_to=_position(result["looked_to"]),
        secret=bytes.fromhex(result["secret"]),
    )


def leaf_rows(result: Mapping[str, Any], merchant_id: str) -> "LeafRows":
    """Return the result of closing_leaves()."""
    from chalicelib.ledger.subtrees import Subtree
    from chalicelib.queries.closings import LeafRows

    subtrees = [Subtree(entry_id, bytes.fromhex(root)) for entry_id, root in result["subtrees"]]
    secret = bytes.fromhex(result["secret"])
    return LeafRows(result["entries_root"], subtrees, leaves(result, merchant_id), secret)


def leaves(result: Mapping[str, Any], merchant_id: str) -> list[bytes]:
    """Return the leaves in the result of closing_leaves() or closing_entries()."""
    from chalicelib.ledger.seals import leaf_of
    from chalicelib.storage.postgres_rows import row_entry

    rows = (dict(zip(_LEAF_COLUMNS, row, strict=True)) for row in result["items"])
    return [leaf_of(row_entry({**row, "merchant_id": merchant_id})) for row in rows]


def _listed(row: Mapping[str, Any], merchant_id: str) -> "ListedEntry":
    from chalicelib.queries.entry_list import ListedEntry, Position
    from chalicelib.storage.postgres_rows import row_entry

    entry = row_entry({**row, "merchant_id": merchant_id})
    occurred = datetime.fromisoformat(row["occurred_instant"])
    entry = entry._replace(category=row["recorded_category"])
    position = Position(entry.day, occurred, entry.entry_id)
    return ListedEntry(entry, position, row["reversed_by"], row["category"])


def _position(key: list[str] | None) -> "Position | None":
    if key is None:
        return None
    day, occurred, entry_id = key
    from chalicelib.queries.entry_list import Position

    return Position(date.fromisoformat(day), datetime.fromisoformat(occurred), entry_id)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
