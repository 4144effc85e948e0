"""Mutants of the projection, the read model and the rebuild."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from chalicelib.projection.checkpoint import Checkpoint, decode
from chalicelib.projection.dedup_cache import RedisDedupCache
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.projection.project import Ports, project
from chalicelib.projection.row_sums import RowSums
from verification.simulation import actions
from verification.simulation.mutants import Mutation, Swap, swapped
from verification.simulation.stores.read_model import MemoryWriter, no_response
from verification.simulation.stores.rows import row_of
from verification.simulation.stores.tables import Tables
from verification.simulation.world import World


def _remember_first(_world: World, swap: Swap) -> None:
    # Redis marks a record as processed before its effect is committed.
    right, add = RedisDedupCache.known, RedisDedupCache.add

    def known(self: RedisDedupCache, event_ids: Sequence[str]) -> set[str]:
        result = right(self, event_ids)
        add(self, [event_id for event_id in event_ids if event_id not in result])
        return result

    swap(RedisDedupCache, "known", known)
    swap(RedisDedupCache, "add", lambda *_: None)


def _add_again(_world: World, swap: Swap) -> None:
    # Every delivered entry is added to the totals, even if its row is stored already.
    right = Tables.add

    def add(self: Tables, changes: Sequence[EntryChange]) -> int:
        for change in changes:
            if change.entry_id in self.entries:
                self.count(row_of(change))
        return right(self, changes)

    swap(Tables, "add", add)


def _add_in_two_steps(self: MemoryWriter, changes: Sequence[EntryChange]) -> int:
    tables, call = self._tables, self._proxy.call
    new = [row_of(change) for change in changes if change.entry_id not in tables.entries]
    call("read_model.insert", len(new), lambda: tables.insert(new), no_response)

    def count() -> int:
        for row in new:
            tables.touch_merchant(row.entry.merchant_id, row.entry.recorded_at)
            tables.count(row)
        return len(new)

    return call("read_model.insert", len(new), count, no_response)


def _skip_failed_batches(records: Sequence[Any], ports: Ports) -> None:
    with suppress(Exception):
        project(records, ports)


def _held_by_the_scan(ledger: LedgerReads, entry_ids: Sequence[str]) -> list[Any]:
    # A rebuild removes the rows that its scan did not return, without a consistent read.
    shown: list[Any] = []
    place = None
    while True:
        pages, place = ledger.pages(None, place)
        shown += [item for page in pages for item in page]
        if place is None:
            return [item for item in shown if item["entry_id"]["S"] in entry_ids]


def _trust_all_buckets(_sums: RowSums) -> list[int]:
    # A rebuild does not look up the rows whose sums differ from the ledger's.
    return []


def _forget_mismatches(text: str, merchant_id: str | None) -> Checkpoint:
    # A rebuild's checkpoint loses the mismatches that are not repaired yet.
    return replace(decode(text, merchant_id), mismatches={}, wrong=())


MUTATIONS: Mapping[str, Mutation] = {
    "Redis written before PostgreSQL": _remember_first,
    "no deduplication": _add_again,
    "rows and totals committed apart": swapped(MemoryWriter, "add", _add_in_two_steps),
    "errors of the projector swallowed": swapped(actions, "project", _skip_failed_batches),
    "a rebuild that believes its scan": swapped(LedgerReads, "held", _held_by_the_scan),
    "a rebuild that trusts rows of any sums": swapped(
        RowSums, "differing", property(_trust_all_buckets)
    ),
    "a rebuild whose pieces lose mismatches": swapped(actions, "decode", _forget_mismatches),
}
