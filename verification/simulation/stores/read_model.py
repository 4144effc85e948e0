"""The read model in memory as projection and rebuild write it; each call is one statement.

A repair locks its merchants, as row locks do in PostgreSQL: projectors wait meanwhile, and the
repair reads the ledger after everything that they did before.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.closing.day_state import RowCorrection
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.instants import isoformat_in_utc
from chalicelib.projection.authoritative_entries import AuthoritativeEntries
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.repairer import ReadLedger, RepairResult
from chalicelib.projection.row_pages import RowKey, SummedRows
from chalicelib.projection.row_sums import BUCKETS, RowSums
from chalicelib.storage.postgres import DatabaseUnreachableError
from verification.simulation.faults import FaultProxy, port
from verification.simulation.schedule import Schedule
from verification.simulation.stores.rows import EntryRow, row_of
from verification.simulation.stores.tables import TOTALS, Tables

PAGE = 1000


def no_response(is_done: bool) -> Exception:
    """Return the error of a database that does not respond."""
    return DatabaseUnreachableError("the connection broke" if is_done else "nobody answers")


class MemoryWriter:
    """The read model as the projector writes it."""

    _fault = staticmethod(no_response)

    def __init__(self, tables: Tables, proxy: FaultProxy, schedule: Schedule) -> None:
        self._tables = tables
        self._proxy = proxy
        self._schedule = schedule

    @port("read_model.insert")
    def add(self, changes: Sequence[EntryChange]) -> int:
        """Insert the entries that are missing; return their number."""
        merchants = {change.entry.merchant_id for change in changes}
        # The statement locks its merchants' rows first.
        self._schedule.pause_until(lambda: not merchants & self._tables.held)
        return self._tables.add(changes)

    @port("read_model.correct")
    def correct(self, corrections: Sequence[CategoryCorrection]) -> int:
        """Apply corrections that are newer; return their number."""
        merchants = {correction.merchant_id for correction in corrections}
        self._schedule.pause_until(lambda: not merchants & self._tables.held)
        return self._tables.correct(corrections)

    def locked(self, merchants: Collection[str]) -> set[str]:
        """Return the merchants that a repair locks now."""
        return self._tables.held & set(merchants)

    @port("read_model.differing")
    def differing(self, changes: Sequence[EntryChange]) -> list[str]:
        """Return the ids of the entries stored with other content."""
        rows = ((change, self._tables.entries.get(change.entry_id)) for change in changes)
        return [change.entry_id for change, row in rows if row and row.digest != change.digest]

    @port("read_model.erase_texts")
    def erase(self, entry_ids: Sequence[str]) -> None:
        """Remove description and metadata of these entries."""
        self._tables.erase(entry_ids)


def _repair_sent(merchants: Collection[str], entry_ids: Sequence[str], _ask: ReadLedger) -> object:
    return sorted(merchants), entry_ids


class MemoryRepairer(MemoryWriter):
    """The read model as a rebuild reads and repairs it, in one session."""

    @port("read_model.begin")
    def begin(self) -> None:
        """Remove the statement timeout."""

    @port("read_model.begin_rebuild")
    def begin_rebuild(self) -> str:
        """Store that a rebuild of everything has begun; its time is always the same."""
        self._tables.is_being_rebuilt = True
        return "begun"

    @port("read_model.end_rebuild")
    def end_rebuild(self, began_at: str) -> None:
        """Store that a rebuild of everything has ended."""
        self._tables.is_being_rebuilt = False

    def close(self) -> None:
        """Close the session."""

    def compare(self, changes: Sequence[EntryChange]) -> dict[str, str | None]:
        """Return the ids that are stored otherwise, with their merchant, or missing, with None."""
        return self._compare(changes) if changes else {}

    @port("read_model.differing_corrections")
    def differing_corrections(self, corrections: Sequence[CategoryCorrection]) -> set[str]:
        """Return the entries of corrections that neither their row nor the early ones have."""
        return {
            each.entry_id
            for each in corrections
            if self._correction_of(each.entry_id) != RowCorrection(each.number, each.category)
        }

    @port("read_model.sum_rows")
    def sum_rows(self, merchant_id: str | None, after: RowKey | None, sums: RowSums) -> SummedRows:
        """Return the sums of the next rows by bucket, those that are looked up, and the last."""
        rows = self._rows_after(merchant_id, after)
        by_bucket: Counter[int] = Counter()
        for row in rows:
            if not _is_recent(row, sums):
                number = sums.hash_of(row.merchant_id, row.entry_id)
                by_bucket[number % BUCKETS] += number
        recent = [row for row in rows if _is_recent(row, sums)]
        corrected = [row for row in rows if self._tables.entries[row.entry_id].correction]
        return SummedRows(by_bucket, recent, corrected, rows[-1] if rows else None)

    @port("read_model.rows_of_buckets")
    def rows_of_buckets(
        self, merchant_id: str | None, after: RowKey | None, sums: RowSums
    ) -> tuple[list[RowKey], RowKey | None]:
        """Return those of the next rows that are in differing buckets, and the last row."""
        rows = self._rows_after(merchant_id, after)
        differing = [
            row
            for row in rows
            if not _is_recent(row, sums)
            and sums.hash_of(row.merchant_id, row.entry_id) % BUCKETS in sums.differing
        ]
        return differing, rows[-1] if rows else None

    @port("read_model.merchants")
    def merchants(self) -> list[str]:
        """Return the merchants of all rows."""
        tables = self._tables
        totals = (line[0] for table in TOTALS for line in getattr(tables, table))
        rows = (row.entry.merchant_id for row in tables.entries.values())
        return sorted({*tables.merchants, *totals, *rows})

    @port("read_model.wrong_totals")
    def wrong_totals(self, merchants: Sequence[str]) -> set[str]:
        """Return the merchants whose totals are not the sums of their entries."""
        return {merchant for merchant in merchants if self._tables.has_wrong_totals(merchant)}

    @port("read_model.repair", _repair_sent)
    def repair(
        self, merchants: Collection[str], entry_ids: Sequence[str], ask: ReadLedger
    ) -> RepairResult:
        """Lock merchants, rewrite entries from the ledger, and recompute all totals."""
        with self._holding(merchants):
            truth = ask(entry_ids) if entry_ids else AuthoritativeEntries([], [])
            for merchant_id in sorted(merchants):
                self._tables.touch_merchant(merchant_id, None)
            done = self._make_so(truth)
            categories = self._rewrite_categories(entry_ids, truth.corrections)
            done = replace(done, categories=categories)
            return replace(done, totals=self._tables.recompute_totals(merchants))

    @port("read_model.compare")
    def _compare(self, changes: Sequence[EntryChange]) -> dict[str, str | None]:
        return self._different(changes)

    def _rows_after(self, merchant_id: str | None, after: RowKey | None) -> list[RowKey]:
        rows = sorted(map(_key, self._tables.entries.values()))
        wanted = (row for row in rows if merchant_id in (None, row.merchant_id))
        return [row for row in wanted if after is None or row > after][:PAGE]

    @contextmanager
    def _holding(self, merchants: Collection[str]) -> Iterator[None]:
        held = self._tables.held
        taken: set[str] = set()
        try:
            for merchant_id in sorted(merchants):
                self._schedule.pause_until(partial(lambda name: name not in held, merchant_id))
                held.add(merchant_id)
                taken.add(merchant_id)
            yield
        finally:
            held -= taken

    def _make_so(self, truth: AuthoritativeEntries) -> RepairResult:
        entries = self._tables.entries
        changes = {change.entry_id: change for change in truth.held}
        differing = self._different(truth.held)
        removed = sum(entries.pop(entry_id, None) is not None for entry_id in truth.absent)
        for entry_id in differing:
            entries.pop(entry_id, None)
        self._tables.insert([row_of(changes[entry_id]) for entry_id in differing])
        missing = sum(merchant is None for merchant in differing.values())
        return RepairResult(missing, len(differing) - missing, removed)

    def _rewrite_categories(
        self, entry_ids: Sequence[str], corrections: Sequence[CategoryCorrection]
    ) -> int:
        """Give entries exactly these corrections; return how many rows had others."""
        right = {each.entry_id: RowCorrection(each.number, each.category) for each in corrections}
        wrong = 0
        for entry_id in entry_ids:
            self._tables.early.pop(entry_id, None)
            row = self._tables.entries.get(entry_id)
            if row is not None and row.correction != right.get(entry_id):
                self._tables.entries[entry_id] = replace(row, correction=right.get(entry_id))
                wrong += 1
        return wrong

    def _correction_of(self, entry_id: str) -> RowCorrection | None:
        row = self._tables.entries.get(entry_id)
        if row is not None:
            return row.correction
        early = self._tables.early.get(entry_id)
        return early[1] if early else None

    def _different(self, changes: Sequence[EntryChange]) -> dict[str, str | None]:
        rows = [(change, self._tables.entries.get(change.entry_id)) for change in changes]
        return {
            change.entry_id: row.entry.merchant_id if row else None
            for change, row in rows
            if row is None or _comparable(row) != _comparable(row_of(change))
        }


def _key(row: EntryRow) -> RowKey:
    entry, recorded = row.entry, isoformat_in_utc(row.entry.recorded_at)
    moment = isoformat_in_utc(row.occurred)
    return RowKey(entry.merchant_id, entry.day.isoformat(), moment, recorded, entry.entry_id)


def _is_recent(row: RowKey, sums: RowSums) -> bool:
    return datetime.fromisoformat(row.recorded) >= datetime.fromisoformat(sums.before)


def _comparable(row: EntryRow) -> EntryRow:
    return replace(
        row, correction=None, entry=row.entry._replace(metadata=dict(row.entry.metadata))
    )
