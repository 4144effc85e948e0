"""The way in that one would write first: entry by entry, each with its five totals."""

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.projection.entry_changes import EntryChange
from verification.benchmarks.projection_strategies import NAMES, Record, changes_of, rows_of
from verification.benchmarks.servers import ReadModelServer

_COLUMNS = [name.strip() for name in NAMES.split(",")]
_INSERT = f"""
    INSERT INTO entries ({NAMES}) VALUES ({", ".join(f":{name}" for name in _COLUMNS)})
    ON CONFLICT (entry_id) DO NOTHING RETURNING 1
"""
_PROGRESS = """
    INSERT INTO merchants AS held VALUES (:merchant, :recorded)
    ON CONFLICT (merchant_id) DO UPDATE SET newest_recorded_at
        = greatest(held.newest_recorded_at, excluded.newest_recorded_at)
"""
_TOTAL = """
    INSERT INTO {table} AS total
    VALUES (:merchant, :currency, :period, :name,
        CAST(:credit AS bigint), CAST(:debit AS bigint), 1)
    ON CONFLICT (merchant_id, currency, {period}, {name}) DO UPDATE SET
        credits_minor = total.credits_minor + excluded.credits_minor,
        debits_minor = total.debits_minor + excluded.debits_minor,
        entries = total.entries + 1
"""
_TABLES = (
    ("day_totals", "day", "account"),
    ("month_totals", "month", "account"),
    ("year_totals", "year", "account"),
    ("category_totals", "day", "category"),
)


class RowByRow:
    """Six prepared statements an entry; one commit a batch, or one an entry."""

    def __init__(self, server: ReadModelServer, commit_each: bool) -> None:
        self._connection = server.connect("livro_projector")
        self._insert = self._connection.prepare(_INSERT)
        self._progress = self._connection.prepare(_PROGRESS)
        self._totals = [
            self._connection.prepare(_TOTAL.format(table=table, period=period, name=name))
            for table, period, name in _TABLES
        ]
        self._commit_each = commit_each
        self._batch: Sequence[Record] = ()

    def prepare(self, batch: Sequence[Record]) -> None:
        """Keep the records."""
        self._batch = batch

    def run(self) -> None:
        """Read the records as the projector does, and add entry after entry."""
        changes = changes_of(self._batch)
        for unit in [[change] for change in changes] if self._commit_each else [changes]:
            self._commit(unit)

    def _commit(self, changes: Iterable[EntryChange]) -> None:
        self._connection.run("BEGIN")
        for change in changes:
            self._add(change)
        self._connection.run("COMMIT")

    def _add(self, change: EntryChange) -> None:
        (row,) = rows_of([change])
        if not self._insert.run(**dict(zip(_COLUMNS, row, strict=True))):
            return
        one = change.entry
        self._progress.run(merchant=one.merchant_id, recorded=one.recorded_at)
        periods = (one.day, one.day.replace(day=1), one.day.replace(month=1, day=1), one.day)
        names = (one.account, one.account, one.account, one.category or "")
        for prepared, period, name in zip(self._totals, periods, names, strict=True):
            prepared.run(**_sums(change), period=period, name=name)


def _sums(change: EntryChange) -> dict[str, Any]:
    one = change.entry
    credit = one.amount_minor if one.type == "credit" else 0
    return {
        "merchant": one.merchant_id,
        "currency": one.currency,
        "credit": credit,
        "debit": one.amount_minor - credit,
    }
