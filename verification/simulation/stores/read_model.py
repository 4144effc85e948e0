"""The read model's ports in memory, as projection and rebuild write it: each call one statement.

Whoever repairs a merchant holds it, as its row lock does in PostgreSQL: projectors wait meanwhile,
and what the repair asks of the ledger is newer than whatever they did before.
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
from verification.simulation.fault_proxy import Wire
from verification.simulation.schedule import Schedule
from verification.simulation.stores.tables import TOTALS, KeptEntry, Tables, kept_of
from verification.simulation.trace import changes_sent

Answer = TypeVar("Answer")
PAGE = 1000


def out_of_reach(is_done: bool) -> Exception:
    """Return the error of a database that did not answer; nobody knows what it did."""
    return DatabaseUnreachableError("the connection broke" if is_done else "nobody answers")


class MemoryWriter:
    """The read model as the projector writes it."""

    def __init__(self, tables: Tables, wire: Wire, schedule: Schedule) -> None:
        self._tables = tables
        self._wire = wire
        self._schedule = schedule

    def add(self, changes: Sequence[EntryChange]) -> int:
        """Add what is not there; return how many were new."""
        merchants = {change.entry.merchant_id for change in changes}

        def effect() -> int:
            # The statement takes its merchants' rows first.
            self._schedule.pause_until(lambda: not merchants & self._tables.held)
            return self._tables.add(changes)

        return self._wire.call("read_model.insert", changes_sent(changes), effect, out_of_reach)

    def differing(self, changes: Sequence[EntryChange]) -> list[str]:
        """Return the ids held with another content."""
        here = self._tables.entries

        def effect() -> list[str]:
            there = ((change, here.get(change.entry_id)) for change in changes)
            return [one.entry_id for one, kept in there if kept and kept.digest != one.digest]

        return self._wire.call("read_model.differing", changes_sent(changes), effect, out_of_reach)

    def erase(self, entry_ids: Sequence[str]) -> None:
        """Remove description and metadata of these entries."""
        self._wire.call(
            "read_model.erase_texts",
            entry_ids,
            lambda: self._tables.erase(entry_ids),
            out_of_reach,
        )


class MemoryRepairer(MemoryWriter):
    """The read model as a rebuild sees and repairs it, on one session."""

    def begin(self) -> None:
        """Let statements take their time."""
        self._wire.call("read_model.begin", (), lambda: None, out_of_reach)

    def close(self) -> None:
        """Close the session."""

    def compare(self, changes: Sequence[EntryChange]) -> dict[str, str | None]:
        """Return those that stand here otherwise or not at all, with their merchant."""
        if not changes:
            return {}
        return self._wire.call(
            "read_model.compare",
            changes_sent(changes),
            lambda: self._different(changes),
            out_of_reach,
        )

    def rows_after(self, merchant_id: str | None, after: RowKey | None) -> list[RowKey]:
        """Return up to 1,000 rows in their order, from just after one on."""

        def effect() -> list[RowKey]:
            rows = sorted(map(_key, self._tables.entries.values()))
            wanted = (row for row in rows if merchant_id in (None, row.merchant_id))
            return [one for one in wanted if after is None or one > after][:PAGE]

        sent = (merchant_id, tuple(after) if after else None)
        return self._wire.call("read_model.rows_after", sent, effect, out_of_reach)

    def merchants(self) -> list[str]:
        """Return all merchants that anything here belongs to."""

        def effect() -> list[str]:
            tables = self._tables
            totals = (line[0] for table in TOTALS for line in getattr(tables, table))
            rows = (kept.entry.merchant_id for kept in tables.entries.values())
            return sorted({*tables.merchants, *totals, *rows})

        return self._wire.call("read_model.merchants", (), effect, out_of_reach)

    def wrong_totals(self, merchants: Sequence[str]) -> set[str]:
        """Return those of some merchants whose totals are not the sums of their entries."""
        return self._wire.call(
            "read_model.wrong_totals",
            merchants,
            lambda: {merchant for merchant in merchants if self._tables.is_miscounted(merchant)},
            out_of_reach,
        )

    def repair(
        self, merchants: Collection[str], entry_ids: Sequence[str], ask: ReadLedger
    ) -> RepairResult:
        """Hold merchants, ask about entries, make them so, and count all totals anew."""

        def effect() -> RepairResult:
            with self._holding(merchants):
                truth = ask(entry_ids) if entry_ids else AuthoritativeEntries([], [])
                for merchant_id in sorted(merchants):
                    self._tables.take_note(merchant_id, None)
                done = self._make_so(truth)
                return replace(done, totals=self._tables.recount(merchants))

        sent = (sorted(merchants), entry_ids)
        return self._wire.call("read_model.repair", sent, effect, out_of_reach)

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
        self._tables.insert([kept_of(changes[entry_id]) for entry_id in differing])
        missing = sum(merchant is None for merchant in differing.values())
        return RepairResult(missing, len(differing) - missing, removed)

    def _different(self, changes: Sequence[EntryChange]) -> dict[str, str | None]:
        here = self._tables.entries
        result: dict[str, str | None] = {}
        for change in changes:
            kept = here.get(change.entry_id)
            if kept is None:
                result[change.entry_id] = None
            elif not _same(kept, kept_of(change)):
                result[change.entry_id] = kept.entry.merchant_id
        return result


def _key(kept: KeptEntry) -> RowKey:
    entry, moment = kept.entry, isoformat_in_utc(kept.occurred)
    return RowKey(entry.merchant_id, entry.day.isoformat(), moment, entry.entry_id)


def _is_free(held: Collection[str], merchant_id: str) -> bool:
    return merchant_id not in held


def _same(kept: KeptEntry, sent: KeptEntry) -> bool:
    metadata = (dict(one.entry.metadata) for one in (kept, sent))
    return next(metadata) == next(metadata) and _bare(kept) == _bare(sent)


def _bare(kept: KeptEntry) -> KeptEntry:
    return replace(kept, entry=kept.entry._replace(metadata={}))
