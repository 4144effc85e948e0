"""The read model's tables in memory: rows, totals, marks and closings, without any port.

In production this is SQL (chalicelib/migrations, and the .sql files of projection and
consolidation), and that SQL is tested on the real PostgreSQL by the rooms' own tests. What stands
here does the same by plain loops, one statement at a time and each all or nothing;
test_read_model_contract holds the one against the other.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.entries import Entry
from chalicelib.projection.entry_changes import EntryChange
from verification.simulation.stores.periods import month_start, year_start
from verification.simulation.trace import entry_sent, totals_sent

NOTHING = Totals()
LineOfDay = tuple[str, str, date, str]
"""Merchant, currency, first day of the period, and account (or category, '' for none)."""
TOTALS = ("days", "months", "years", "categories")


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """A row of `entries`: the entry without what only the ledger keeps, its moment and digest."""

    entry: Entry
    occurred: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class KeptClosing:
    """A row of `closings` with its effects: what it added to account and currency of its day."""

    published: str
    item: Mapping[str, Any]
    run: str
    day: date
    effects: Mapping[tuple[str, str], tuple[int, int]]

    @property
    def version(self) -> int:
        """The day's version."""
        return int(self.item["version"])


@dataclass
class Tables:
    """All tables; `held` are the merchants whose row a repair has locked."""

    entries: dict[str, KeptEntry] = field(default_factory=dict)
    merchants: dict[str, datetime | None] = field(default_factory=dict)
    days: dict[LineOfDay, Totals] = field(default_factory=dict)
    months: dict[LineOfDay, Totals] = field(default_factory=dict)
    years: dict[LineOfDay, Totals] = field(default_factory=dict)
    categories: dict[LineOfDay, Totals] = field(default_factory=dict)
    unsealed: dict[tuple[str, date], int] = field(default_factory=dict)
    closings: dict[tuple[str, int], KeptClosing] = field(default_factory=dict)
    sealed: dict[tuple[str, date], dict[str, int]] = field(default_factory=dict)
    repairs: dict[tuple[Any, ...], str] = field(default_factory=dict)
    outbox: dict[tuple[str, int], None] = field(default_factory=dict)
    signing_keys: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    marks: int = 0

    def add(self, changes: Iterable[EntryChange]) -> int:
        """Insert the entries that are new, and add them to the totals; return how many were."""
        new = [kept_of(one) for one in changes if one.entry_id not in self.entries]
        self.insert(new)
        for change in changes:
            self.take_note(change.entry.merchant_id, change.entry.recorded_at)
        for kept in new:
            for table, line in lines_of(kept.entry).items():
                totals = getattr(self, table)
                totals[line] = totals.get(line, NOTHING).plus(totals_of(kept.entry))
        return len(new)

    def insert(self, rows: Collection[KeptEntry]) -> None:
        """Insert rows and mark their days as changed, leaving totals alone."""
        for kept in rows:
            self.entries[kept.entry.entry_id] = kept
        for merchant_id, day in sorted({(row.entry.merchant_id, row.entry.day) for row in rows}):
            self.marks += 1
            self.unsealed[merchant_id, day] = self.marks

    def erase(self, entry_ids: Iterable[str]) -> None:
        """Remove description and metadata."""
        for entry_id in entry_ids:
            kept = self.entries.get(entry_id)
            if kept is not None:
                bare = kept.entry._replace(description=None, metadata={})
                self.entries[entry_id] = replace(kept, entry=bare)

    def take_note(self, merchant_id: str, recorded: datetime | None) -> None:
        """Have the merchant's row, which tells when its newest entry was recorded."""
        newest = self.merchants.setdefault(merchant_id, recorded)
        if recorded is not None and (newest is None or newest < recorded):
            self.merchants[merchant_id] = recorded

    def recount(self, merchants: Collection[str]) -> int:
        """Count all totals of merchants anew; return how many rows were wrong."""
        wrong = 0
        counted = self.counted(merchants)
        for table in TOTALS:
            kept, right = getattr(self, table), counted[table]
            here = {line for line in kept if line[0] in merchants}
            for line in sorted(here | right.keys()):
                if kept.get(line) != right.get(line):
                    wrong += 1
                    kept[line] = right.get(line, NOTHING)
                if line not in right:
                    del kept[line]
        return wrong + sum(self._recount_progress(merchant) for merchant in merchants)

    def is_miscounted(self, merchant_id: str) -> bool:
        """Say whether a merchant's totals are not what its rows add up to."""
        counted = self.counted([merchant_id])
        newest = self.merchants.get(merchant_id, ...)
        return newest != self._newest(merchant_id) or any(
            counted[table]
            != {line: one for line, one in getattr(self, table).items() if line[0] == merchant_id}
            for table in TOTALS
        )

    def counted(self, merchants: Collection[str]) -> dict[str, dict[LineOfDay, Totals]]:
        """Return all totals of merchants as their rows add up."""
        sums: dict[str, dict[LineOfDay, Totals]] = {table: {} for table in TOTALS}
        for kept in self.entries.values():
            if kept.entry.merchant_id in merchants:
                for table, line in lines_of(kept.entry).items():
                    sums[table][line] = sums[table].get(line, NOTHING).plus(totals_of(kept.entry))
        return sums

    def content(self) -> Mapping[str, object]:
        """Return all that the tables hold, in plain values for the trace."""
        totals = {
            table: [
                (*line, *totals_sent(one)) for line, one in sorted(getattr(self, table).items())
            ]
            for table in TOTALS
        }
        rows = (self.entries[entry_id] for entry_id in sorted(self.entries))
        return {
            "entries": [(entry_sent(row.entry), row.occurred, row.digest) for row in rows],
            "merchants": self.merchants,
            "totals": [totals[table] for table in TOTALS],
            "unsealed": sorted((*key, mark) for key, mark in self.unsealed.items()),
            "closings": [self.closings[key].published for key in sorted(self.closings)],
            "sealed": sorted((*key, sorted(held.items())) for key, held in self.sealed.items()),
            "repairs": sorted((*line, run) for line, run in self.repairs.items()),
            "outbox": sorted(self.outbox),
            "signing_keys": self.signing_keys,
        }

    def of_day(self, merchant_id: str, day: date) -> list[KeptEntry]:
        """Return a day's rows in the order of their ids."""
        rows = self.entries.values()
        result = [kept for kept in rows if kept.entry.day == day]
        mine = [kept for kept in result if kept.entry.merchant_id == merchant_id]
        return sorted(mine, key=lambda kept: kept.entry.entry_id)

    def versions(self, merchant_id: str, day: date) -> list[KeptClosing]:
        """Return a day's closings, oldest version first."""
        result = [
            one
            for (merchant, _), one in self.closings.items()
            if merchant == merchant_id and one.day == day
        ]
        return sorted(result, key=lambda one: one.version)

    def _recount_progress(self, merchant_id: str) -> int:
        newest = self._newest(merchant_id)
        if self.merchants.get(merchant_id, ...) == newest:
            return 0
        self.merchants[merchant_id] = newest
        return 1

    def _newest(self, merchant_id: str) -> datetime | None:
        mine = (one.entry for one in self.entries.values() if one.entry.merchant_id == merchant_id)
        return max((entry.recorded_at for entry in mine), default=None)


def kept_of(change: EntryChange) -> KeptEntry:
    """Return the row of a change: neither salt nor trace header come into the read model."""
    return KeptEntry(
        change.entry._replace(text_salt=None, origin=None), change.occurred, change.digest
    )


def lines_of(entry: Entry) -> dict[str, LineOfDay]:
    """Return the row of each table of totals that an entry counts in."""
    merchant, currency, day = entry.merchant_id, entry.currency, entry.day
    return {
        "days": (merchant, currency, day, entry.account),
        "months": (merchant, currency, month_start(day), entry.account),
        "years": (merchant, currency, year_start(day), entry.account),
        "categories": (merchant, currency, day, entry.category or ""),
    }


def totals_of(entry: Entry) -> Totals:
    """Return what one entry adds."""
    is_credit = entry.type == "credit"
    minor = entry.amount_minor
    return Totals(minor if is_credit else 0, 0 if is_credit else minor, 1)


def summed(rows: Iterable[tuple[tuple[str, str], Totals]]) -> dict[tuple[str, str], Totals]:
    """Return totals by line, a line's rows added up."""
    sums: defaultdict[tuple[str, str], Totals] = defaultdict(Totals)
    for line, totals in rows:
        sums[line] = sums[line].plus(totals)
    return dict(sums)
