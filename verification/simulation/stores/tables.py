"""The read model's tables in memory: rows, totals, marks and closings.

In production this is SQL (chalicelib/migrations, and the .sql files of projection and closing),
which each package's tests cover on a real PostgreSQL. Here it is done by plain loops, one atomic
statement at a time; test_read_model_contract compares both.
"""

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from chalicelib.closing.day_state import RowCorrection
from chalicelib.closing.differences import Difference
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.projection.entry_changes import EntryChange
from verification.simulation.stores.rows import (
    NOTHING,
    ClosingRow,
    EntryRow,
    LineOfDay,
    lines_of,
    row_of,
    summed,
    totals_of,
)

TOTALS = ("days", "months", "years", "categories")


@dataclass
class Tables:
    """All tables; `held` are the merchants whose row a repair has locked.

    For the invariants there are also the `differences` of all runs, which the table keeps by line;
    until which days a merchant was ever `noted` as reconciled; and by which run each closing was
    `sealed_by`, by its root. No restore loses the last two.
    `early` are corrections that arrived before their entry, with their merchants.
    """

    entries: dict[str, EntryRow] = field(default_factory=dict)
    early: dict[str, tuple[str, RowCorrection]] = field(default_factory=dict)
    merchants: dict[str, datetime | None] = field(default_factory=dict)
    days: dict[LineOfDay, Totals] = field(default_factory=dict)
    months: dict[LineOfDay, Totals] = field(default_factory=dict)
    years: dict[LineOfDay, Totals] = field(default_factory=dict)
    categories: dict[LineOfDay, Totals] = field(default_factory=dict)
    unsealed: dict[tuple[str, date], int] = field(default_factory=dict)
    closings: dict[tuple[str, int], ClosingRow] = field(default_factory=dict)
    sealed: dict[tuple[str, date], dict[str, int]] = field(default_factory=dict)
    repairs: dict[tuple[Any, ...], str] = field(default_factory=dict)
    outbox: dict[tuple[str, int], None] = field(default_factory=dict)
    reconciled: dict[str, date] = field(default_factory=dict)
    segments: dict[int, tuple[date, str | None]] = field(default_factory=dict)
    signing_keys: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    is_being_rebuilt: bool = False
    marks: int = 0
    noted: set[tuple[str, date]] = field(default_factory=set)
    sealed_by: dict[str, str] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    def add(self, changes: Iterable[EntryChange]) -> int:
        """Insert the entries that are missing, and add them to the totals; return their number."""
        new = [row_of(change) for change in changes if change.entry_id not in self.entries]
        self.insert(new)
        for change in changes:
            self.touch_merchant(change.entry.merchant_id, change.entry.recorded_at)
        for row in new:
            self.count(row)
            if row.entry.entry_id in self.early:
                self.recategorize(row, self.early.pop(row.entry.entry_id)[1])
        return len(new)

    def count(self, row: EntryRow) -> None:
        """Add an entry to the totals."""
        for name, line in lines_of(row).items():
            table = getattr(self, name)
            table[line] = table.get(line, NOTHING).plus(totals_of(row.entry))

    def correct(self, corrections: Iterable[CategoryCorrection]) -> int:
        """Apply corrections that are newer; return their number."""
        newer = 0
        for each in corrections:
            self.touch_merchant(each.merchant_id, None)
            row = self.entries.get(each.entry_id)
            early = self.early.get(each.entry_id)
            known = row.correction if row else early and early[1]
            if known is None or known.number < each.number:
                newer += 1
                correction = RowCorrection(each.number, each.category)
                if row is None:
                    self.early[each.entry_id] = (each.merchant_id, correction)
                else:
                    self.recategorize(row, correction)
        return newer

    def recategorize(self, row: EntryRow, correction: RowCorrection) -> None:
        """Give a row a correction, and move its amount between the totals of categories."""
        after = replace(row, correction=correction)
        self.entries[row.entry.entry_id] = after
        entry, totals = row.entry, totals_of(row.entry)
        if after.category == row.category:
            return
        out = Totals(-totals.credits_minor, -totals.debits_minor, -1)
        for category, moved in ((row.category, out), (after.category, totals)):
            line = (entry.merchant_id, entry.currency, entry.day, category or "")
            self.categories[line] = self.categories.get(line, NOTHING).plus(moved)
            if not self.categories[line].entries:
                del self.categories[line]

    def insert(self, rows: Collection[EntryRow]) -> None:
        """Insert rows and mark their days as changed, without changing totals."""
        for row in rows:
            self.entries[row.entry.entry_id] = row
        for merchant_id, day in sorted({(row.entry.merchant_id, row.entry.day) for row in rows}):
            self.marks += 1
            self.unsealed[merchant_id, day] = self.marks

    def erase(self, entry_ids: Iterable[str]) -> None:
        """Remove description and metadata."""
        for entry_id in entry_ids:
            row = self.entries.get(entry_id)
            if row is not None:
                bare = row.entry._replace(description=None, metadata={})
                self.entries[entry_id] = replace(row, entry=bare)

    def touch_merchant(self, merchant_id: str, recorded: datetime | None) -> None:
        """Insert or update the merchant's row, which says when its newest entry was recorded."""
        newest = self.merchants.setdefault(merchant_id, recorded)
        if recorded is not None and (newest is None or newest < recorded):
            self.merchants[merchant_id] = recorded

    def recompute_totals(self, merchants: Collection[str]) -> int:
        """Recompute all totals of merchants; return the number of wrong rows."""
        wrong = self._wrong_lines(merchants)
        for table, line, right in wrong:
            if right is None:
                del table[line]
            else:
                table[line] = right
        behind = [merchant_id for merchant_id in merchants if self.is_behind(merchant_id)]
        self.merchants |= {merchant_id: self._newest(merchant_id) for merchant_id in behind}
        return len(wrong) + len(behind)

    def has_wrong_totals(self, merchant_id: str) -> bool:
        """Return whether a merchant's totals are not the sums of its rows."""
        return self.is_behind(merchant_id) or bool(self._wrong_lines([merchant_id]))

    def computed_totals(self, merchants: Collection[str]) -> dict[str, dict[LineOfDay, Totals]]:
        """Return all totals of merchants, as the sums of their rows."""
        rows = [row for row in self.entries.values() if row.entry.merchant_id in merchants]
        parts = [(lines_of(row), totals_of(row.entry)) for row in rows]
        return {name: summed((lines[name], totals) for lines, totals in parts) for name in TOTALS}

    def content(self) -> Mapping[str, object]:
        """Return the content of all tables, in plain values for the trace."""
        return {
            "entries": sorted(self.entries.items()),
            "early": sorted(self.early.items()),
            "merchants": self.merchants,
            "totals": [sorted(getattr(self, table).items()) for table in TOTALS],
            "unsealed": sorted((*key, mark) for key, mark in self.unsealed.items()),
            "closings": [self.closings[key].published for key in sorted(self.closings)],
            "sealed": sorted((*key, sorted(held.items())) for key, held in self.sealed.items()),
            "repairs": sorted((*line, run) for line, run in self.repairs.items()),
            "outbox": sorted(self.outbox),
            "reconciled": sorted(self.reconciled.items()),
            "signing_keys": self.signing_keys,
        }

    def backup(self) -> "Tables":
        """Return a copy, as PostgreSQL can be restored to."""
        copies = {name: copy(getattr(self, name)) for name in _STORED}
        sealed = {day: dict(held) for day, held in self.sealed.items()}
        return Tables(**{**copies, "sealed": sealed})

    def restore(self, backup: "Tables") -> None:
        """Return to the state of a backup."""
        again = backup.backup()
        for name in _STORED:
            setattr(self, name, getattr(again, name))

    def of_day(self, merchant_id: str, day: date) -> list[EntryRow]:
        """Return a day's rows, ordered by id."""
        about = (merchant_id, day)
        rows = self.entries.values()
        mine = [row for row in rows if (row.entry.merchant_id, row.entry.day) == about]
        return sorted(mine, key=lambda row: row.entry.entry_id)

    def reconciled_until(self, merchant_id: str) -> date | None:
        """Return the day until which a merchant is noted as reconciled, or was ever closed."""
        closed = (row.day for key, row in self.closings.items() if key[0] == merchant_id)
        return self.reconciled.get(merchant_id) or max(closed, default=None)

    def versions(self, merchant_id: str, day: date) -> list[ClosingRow]:
        """Return a day's closings, oldest version first."""
        closings = self.closings.items()
        mine = [row for key, row in closings if (key[0], row.day) == (merchant_id, day)]
        return sorted(mine, key=lambda row: row.version)

    def closed_before(self, merchant_id: str, day: date) -> tuple[int, date] | None:
        """Return the newest closing of the last closed day before a day: its number and day."""
        mine = [
            (row.day, number)
            for (merchant, number), row in self.closings.items()
            if merchant == merchant_id and row.day < day
        ]
        return max(mine)[::-1] if mine else None

    def _wrong_lines(
        self, merchants: Collection[str]
    ) -> list[tuple[dict[LineOfDay, Totals], LineOfDay, Totals | None]]:
        """Return where totals are wrong, and what they should be: None where they should not be."""
        wrong = []
        for name, right in self.computed_totals(merchants).items():
            table: dict[LineOfDay, Totals] = getattr(self, name)
            stored = {line for line in table if line[0] in merchants}
            lines = sorted(stored | right.keys())
            wrong += [(table, x, right.get(x)) for x in lines if table.get(x) != right.get(x)]
        return wrong

    def is_behind(self, merchant_id: str) -> bool:
        """Return whether a merchant's newest moment of recording is not that of its rows."""
        return self.merchants.get(merchant_id, ...) != self._newest(merchant_id)

    def _newest(self, merchant_id: str) -> datetime | None:
        mine = (row.entry for row in self.entries.values() if row.entry.merchant_id == merchant_id)
        return max((entry.recorded_at for entry in mine), default=None)


_NOT_RESTORED = ("held", "noted", "sealed_by")
_STORED = tuple(field.name for field in fields(Tables) if field.name not in _NOT_RESTORED)
