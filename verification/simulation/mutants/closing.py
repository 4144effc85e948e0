"""Mutants of the closing of days."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chalicelib.closing import close_day, reconcile
from chalicelib.closing.aws import SealArchive
from chalicelib.closing.draft import Draft
from chalicelib.closing.outbox import archive
from chalicelib.closing.ports import ClosingKey, Ports, SealedClosing
from chalicelib.ledger import seals
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.entries import Entry
from verification.simulation.mutants import Mutation, Swap
from verification.simulation.stores.closing_store import MemoryClosingStore
from verification.simulation.world import World


def seal_without_the_day(_world: World, swap: Swap) -> None:
    """A leaf lacks the entry's day, so the entry could be moved to another day."""
    right = seals.leaf_of

    def leaf_of(entry: Entry) -> bytes:
        leaf = json.loads(right(entry))
        del leaf["day"]
        return canonical_json(leaf)

    swap(seals, "leaf_of", leaf_of)


def forget_every_mark(_world: World, swap: Swap) -> None:
    """A closing clears the day's mark, even if an entry arrived after the day was read."""

    def clear_change(
        self: MemoryClosingStore, merchant_id: str, day: date, _change_id: int | None
    ) -> None:
        self._tables.unsealed.pop((merchant_id, day), None)

    swap(MemoryClosingStore, "_clear_change", clear_change)


def keep_no_outbox(_world: World, swap: Swap) -> None:
    """A closing that was committed and not archived is not retried."""

    def pending(self: MemoryClosingStore, merchants: Sequence[str]) -> list[ClosingKey]:
        self._tables.outbox.clear()
        return []

    swap(MemoryClosingStore, "pending", pending)


def archive_before_committing(_world: World, swap: Swap) -> None:
    """A closing is archived before it is committed."""
    right = close_day._seal

    def seal(ports: Ports, version: Draft, change_id: int | None, run: str) -> SealedClosing:
        sealed = right(ports, version, change_id, run)
        archive(ports, sealed.item, sealed.leaves)
        return sealed

    swap(close_day, "_seal", seal)


def replace_closings(_world: World, swap: Swap) -> None:
    """A stored version is replaced."""
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


def close_without_looking(world: World, swap: Swap) -> None:
    """A day is closed from the read model, without the ledger."""
    right = world.closing_ledger

    class Blind:
        def __init__(self) -> None:
            self._ledger = right()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._ledger, name)

        def day_entries(self, merchant_id: str, day: date) -> list[Entry]:
            return [row.entry for row in world.tables.of_day(merchant_id, day)]

    world.closing_ledger = Blind  # type: ignore[method-assign,assignment]


def skip_restoring(_world: World, swap: Swap) -> None:
    """Closings that the bucket has and the read model lost are not restored."""
    swap(close_day, "restore", lambda _ports, _state: 0)


def compare_roots(_world: World, swap: Swap) -> None:
    """A run takes a concurrent closing with the same root, and another signature, for its own."""

    def is_recorded(ports: Ports, sealed: SealedClosing) -> bool:
        merchant_id, day = sealed.item["merchant"], date.fromisoformat(sealed.item["day"])
        newest = ports.read_model.day_state(merchant_id, day).newest
        return newest is not None and newest["root"] == sealed.item["root"]

    swap(close_day, "_is_recorded", is_recorded)


def repair_unconfirmed(_world: World, swap: Swap) -> None:
    """A difference is repaired without a consistent read, which the lagging index may refute."""
    swap(reconcile, "_confirmed", lambda _ports, ledger, _state: ledger)


def keep_contradicted_leaves(_world: World, swap: Swap) -> None:
    """Archived leaves of a lost closing are not replaced by those of the next one."""
    swap(SealArchive, "replace", lambda _archive, _name, _content: None)


MUTATIONS: Mapping[str, Mutation] = {
    "seals without the day": seal_without_the_day,
    "marks of late entries lost": forget_every_mark,
    "no outbox of closings": keep_no_outbox,
    "archived before committed": archive_before_committing,
    "closings written over": replace_closings,
    "no reconciliation with the ledger": close_without_looking,
    "lost closings not restored": skip_restoring,
    "closings compared by root": compare_roots,
    "repairs without confirmation": repair_unconfirmed,
}

RARE_MUTATIONS: Mapping[str, Mutation] = {"contradicted leaves kept": keep_contradicted_leaves}
"""Mutants that show only where a run crashes between two certain calls (see crash_points)."""
