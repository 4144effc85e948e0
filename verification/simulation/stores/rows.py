"""Rows of the read model's tables in memory, and the totals in which an entry counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from chalicelib.closing.day_state import RowCorrection
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.entries import Entry
from chalicelib.projection.entry_changes import EntryChange
from verification.kit.reference_model import month_start, year_start

Key = TypeVar("Key")
NOTHING = Totals()
LineOfDay = tuple[str, str, date, str]
"""Merchant, currency, first day of the period, and account (or category, '' for none)."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A row of `entries`: the entry without the ledger's own fields, its instant and digest.

    `correction` is that of its category, None without one.
    """

    entry: Entry
    occurred: datetime
    digest: str
    correction: RowCorrection | None = None

    @property
    def category(self) -> str | None:
        """The current category."""
        return self.correction.category if self.correction else self.entry.category


@dataclass(frozen=True, slots=True)
class ClosingRow:
    """A row of `closings` with its effects by account and currency: net amount and entries."""

    published: str
    item: Mapping[str, Any]
    run: str
    day: date
    effects: Mapping[tuple[str, str], tuple[int, int]]

    @property
    def version(self) -> int:
        """The day's version."""
        return int(self.item["version"])


def row_of(change: EntryChange) -> EntryRow:
    """Return the row of a change, without salt and trace header, which only the ledger has."""
    return EntryRow(
        change.entry._replace(text_salt=None, origin=None), change.occurred, change.digest
    )


def lines_of(row: EntryRow) -> dict[str, LineOfDay]:
    """Return the line of each table of totals in which an entry counts."""
    entry = row.entry
    merchant, currency, day = entry.merchant_id, entry.currency, entry.day
    return {
        "days": (merchant, currency, day, entry.account),
        "months": (merchant, currency, month_start(day), entry.account),
        "years": (merchant, currency, year_start(day), entry.account),
        "categories": (merchant, currency, day, row.category or ""),
    }


def totals_of(entry: Entry) -> Totals:
    """Return the totals of one entry."""
    minor = entry.amount_minor
    return Totals(minor, 0, 1) if entry.type == "credit" else Totals(0, minor, 1)


def summed(rows: Iterable[tuple[Key, Totals]]) -> dict[Key, Totals]:
    """Return the sums of totals by line."""
    sums: dict[Key, Totals] = {}
    for line, totals in rows:
        sums[line] = sums.get(line, NOTHING).plus(totals)
    return sums
