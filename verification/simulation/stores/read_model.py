"""The read model in memory as projection and rebuild write it; each call is one statement.

A repair locks its merchants, as row locks do in PostgreSQL: projectors wait meanwhile, and the
repair reads the ledger after everything that they did before.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

from chalicelib.ledger.instants import isoformat_in_utc
from chalicelib.projection.authoritative_entries import AuthoritativeEntries
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.repairer import ReadLedger, RepairResult, RowKey
from chalicelib.storage.postgres import DatabaseUnreachableError
from verification.simulation.fault_proxy import FaultProxy
from verification.simulation.schedule import Schedule
from verification.simulation.stores.tables import TOTALS, EntryRow, Tables, row_of
from verification.simulation.trace import changes_sent

Result = TypeVar("Result")
PAGE = 1000


def no_response(is_done: bool) -> Exception:
    """Return the error of a database that does not respond."""
    return DatabaseUnreachableError("the connection broke" if is_done else "nobody answers")


class MemoryWriter:
    """The read model as the projector writes it."""

    def __init__(self, tables: Tables, proxy: FaultProxy, schedule: Schedule) -> None:
        self._tables = tables
        self._proxy = proxy
        self._schedule = schedule

    def add(self, changes: Sequence[EntryChange]) -> int:
        """Insert the entries that are missing; return their number."""
        merchants = {change.entry.merchant_id for change in changes}

        def effect() -> int:
            # The statement locks its merchants' rows first.
            self._schedule.pause_until(lambda: not merchants & self._tables.held)
            return self._tables.add(changes)

        return self._proxy.call("read_model.insert", changes_sent(changes), effect, no_response)

    def differing(self, changes: Sequence[EntryChange]) -> list[str]:
        """Return the ids of the entries stored with other content."""
        here = self._tables.entries

        def effect() -> list[str]:
            rows = ((change, here.get(change.entry_id)) for change in changes)
            return [change.entry_id for change, row in rows if row and row.digest != change.digest]

        return self._proxy.call("read_model.differing", changes_sent(changes), effect, no_response)

    def erase(self, entry_ids: Sequence[str]) -> None:
        """Remove description and metadata of these entries."""
        self._proxy.call(
            "read_model.erase_texts",
            entry_ids,
            lambda: self._tables.erase(entry_ids),
            no_response,
        )


class MemoryRepairer(MemoryWriter):
    """The read model as a rebuild reads and repairs it, in one session."""

    def begin(self) -> None:
        """Remove the statement timeout."""
        self._proxy.call("read_model.begin", (), lambda: None, no_response)

    def close(self) -> None:
        """Close the session."""

    def compare(self, changes: Sequence[EntryChange]) -> dict[str, str | None]:
        """Return the ids that are stored otherwise, with their merchant, or missing, with None."""
        if not changes:
            return {}
        return self._proxy.call(
            "read_model.compare",
            changes_sent(changes),
            lambda: self._different(changes),
            no_response,
        )

    def rows_after(self, merchant_id: str | None, after: RowKey | None) -> list[RowKey]:
        """Return up to 1,000 rows in order, after a given one."""

        def effect() -> list[RowKey]:
            rows = sorted(map(_key, self._tables.entries.values()))
            wanted = (row for row in rows if merchant_id in (None, row.merchant_id))
            return [row for row in wanted if after is None or row > after][:PAGE]

        sent = (merchant_id, tuple(after) if after else None)
        return self._proxy.call("read_model.rows_after", sent, effect, no_response)

    def merchants(self) -> list[str]:
        """Return the merchants of all rows."""

        def effect() -> list[str]:
            tables = self._tables
            totals = (line[0] for table in TOTALS for line in getattr(tables, table))
            rows = (row.entry.merchant_id for row in tables.entries.values())
            return sorted({*tables.merchants, *totals, *rows})

        return self._proxy.call("read_model.merchants", (), effect, no_response)

    def wrong_totals(self, merchants: Sequence[str]) -> set[str]:
        """Return the merchants whose totals are not the sums of their entries."""
        return self._proxy.call(
            "read_model.wrong_totals",
            merchants,
            lambda: {merchant for merchant in merchants if self._tables.has_wrong_totals(merchant)},
            no_response,
        )

    def repair(
        self, merchants: Collection[str], entry_ids: Sequence[str], ask: ReadLedger
    ) -> RepairResult:
        """Lock merchants, rewrite entries from the ledger, and recompute all totals."""

        def effect() -> RepairResult:
            with self._holding(merchants):
                truth = ask(entry_ids) if entry_ids else AuthoritativeEntries([], [])
                for merchant_id in sorted(merchants):
                    self._tables.touch_merchant(merchant_id, None)
                done = self._make_so(truth)
                return replace(done, totals=self._tables.recompute_totals(merchants))

        sent = (sorted(merchants), entry_ids)
        return self._proxy.call("read_model.repair", sent, effect, no_response)

    @contextmanager
    def _holding(self, merchants: Collection[str]) -> Iterator[None]:
        held = self._tables.held
        taken: set[str] = set()
        try:
            for merchant_id in sorted(merchants):
                self._schedule.pause_until(partial(_is_free, held, merchant_id))
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

    def _different(self, changes: Sequence[EntryChange]) -> dict[str, str | None]:
        here = self._tables.entries
        result: dict[str, str | None] = {}
        for change in changes:
            row = here.get(change.entry_id)
            if row is None:
                result[change.entry_id] = None
            elif not _same(row, row_of(change)):
                result[change.entry_id] = row.entry.merchant_id
        return result


def _key(row: EntryRow) -> RowKey:
    entry, moment = row.entry, isoformat_in_utc(row.occurred)
    return RowKey(entry.merchant_id, entry.day.isoformat(), moment, entry.entry_id)


def _is_free(held: Collection[str], merchant_id: str) -> bool:
    return merchant_id not in held


def _same(row: EntryRow, sent: EntryRow) -> bool:
    metadata = (dict(side.entry.metadata) for side in (row, sent))
    return next(metadata) == next(metadata) and _bare(row) == _bare(sent)


def _bare(row: EntryRow) -> EntryRow:
    return replace(row, entry=row.entry._replace(metadata={}))
