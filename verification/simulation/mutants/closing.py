"""Mutants of the closing of days."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chalicelib.closing import close_day, openings, outbox, reconcile
from chalicelib.closing.draft import Draft
from chalicelib.closing.outbox import archive
from chalicelib.closing.ports import ClosingKey, Ports, SealedClosing
from chalicelib.ledger import seals
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.entries import Entry
from chalicelib.storage.seal_bucket import closing_name, numbered_leaves_name
from verification.simulation.mutants import Mutation, Swap, swapped
from verification.simulation.stores.closing_store import MemoryClosingStore
from verification.simulation.world import World


def _seal_without_the_day(_world: World, swap: Swap) -> None:
    # The entry could be moved to another day.
    right = seals.leaf_of

    def leaf_of(entry: Entry) -> bytes:
        leaf = json.loads(right(entry))
        del leaf["day"]
        return canonical_json(leaf)

    swap(seals, "leaf_of", leaf_of)


def _forget_every_change(store: MemoryClosingStore, merchant: str, day: date, _: object) -> None:
    # A closing clears the day's mark, even if an entry arrived after the day was read.
    store._tables.unsealed.pop((merchant, day), None)


def _empty_the_outbox(store: MemoryClosingStore, _merchants: Sequence[str]) -> list[ClosingKey]:
    # A closing that was committed and not archived is not retried.
    store._tables.outbox.clear()
    return []


def _archive_before_committing(_world: World, swap: Swap) -> None:
    right = close_day._seal

    def seal(ports: Ports, version: Draft, change_id: int | None, run: str) -> SealedClosing:
        sealed = right(ports, version, change_id, run)
        archive(ports, sealed.item, sealed.leaves)
        return sealed

    swap(close_day, "_seal", seal)


def _replace_closings(_world: World, swap: Swap) -> None:
    right = MemoryClosingStore._insert_closing

    def insert_closing(self: MemoryClosingStore, sealed: SealedClosing) -> bool:
        item, tables = sealed.item, self._tables
        day = date.fromisoformat(item["day"])
        stored = {row.version: row for row in tables.versions(item["merchant"], day)}
        if item["version"] in stored:
            row = stored[item["version"]]
            tables.closings.pop((item["merchant"], int(row.item["sequence"])))
            for entry_id in sealed.added:
                tables.sealed[item["merchant"], day].pop(entry_id, None)
        return right(self, sealed)

    swap(MemoryClosingStore, "_insert_closing", insert_closing)


def _close_without_the_ledger(
    ports: Ports, merchant_id: str, day: date, _run: str
) -> reconcile.Reconciled:
    return reconcile.Reconciled(ports.read_model.day_state(merchant_id, day), 0)


def _is_recorded_by_root(ports: Ports, sealed: SealedClosing) -> bool:
    # A run takes a concurrent closing with the same root, and another signature, for its own.
    merchant_id, day = sealed.item["merchant"], date.fromisoformat(sealed.item["day"])
    newest = ports.read_model.day_state(merchant_id, day).newest
    return newest is not None and newest["root"] == sealed.item["root"]


MUTATIONS: Mapping[str, Mutation] = {
    "seals without the day": _seal_without_the_day,
    "marks of late entries lost": swapped(
        MemoryClosingStore, "_clear_change", _forget_every_change
    ),
    "no outbox of closings": swapped(MemoryClosingStore, "pending", _empty_the_outbox),
    "archived before committed": _archive_before_committing,
    "closings written over": _replace_closings,
    "no reconciliation with the ledger": swapped(close_day, "reconcile", _close_without_the_ledger),
    "lost closings not restored": swapped(close_day, "restore", lambda *_: False),
    "lost days between not closed": swapped(openings, "_unclosed", lambda *_: []),
    "closings compared by root": swapped(close_day, "_is_recorded", _is_recorded_by_root),
    # A difference is repaired without a consistent read, which the lagging index may refute.
    "repairs without confirmation": swapped(
        reconcile, "_confirmed", lambda _ports, ledger, _state: ledger
    ),
}


def _number_the_leaves(_world: World, swap: Swap) -> None:
    # The leaves of a lost closing have the name of those of the next one.
    def archive_numbered(ports: Ports, item: Mapping[str, Any], leaves: Sequence[bytes]) -> None:
        key = item["merchant"], item["sequence"]
        ports.archive.put(numbered_leaves_name(*key), outbox.leaves_file(item, leaves))
        ports.archive.put(closing_name(*key), canonical_json(item))

    for module in (outbox, close_day):
        swap(module, "archive", archive_numbered)


RARE_MUTATIONS: Mapping[str, Mutation] = {"leaves named by number": _number_the_leaves}
"""Mutants that show only where a run crashes between two certain calls (see crash_points)."""
