"""Mutants of the closing of days."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chalicelib.closing import close_day
from chalicelib.closing.day_state import DayState
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

    def unmark(self: MemoryClosingStore, merchant_id: str, day: date, _mark: int | None) -> None:
        self._tables.unsealed.pop((merchant_id, day), None)

    swap(MemoryClosingStore, "_unmark", unmark)


def keep_no_outbox(_world: World, swap: Swap) -> None:
    """A closing that was committed and not archived is not retried."""

    def undelivered(self: MemoryClosingStore, merchants: Sequence[str]) -> list[ClosingKey]:
        self._tables.outbox.clear()
        return []

    swap(MemoryClosingStore, "undelivered", undelivered)


def archive_before_committing(_world: World, swap: Swap) -> None:
    """A closing is archived before it is committed."""
    right = close_day._sealed

    def sealed(ports: Ports, state: DayState, run: str) -> SealedClosing:
        recorded_entry = right(ports, state, run)
        archive(ports, recorded_entry.item, recorded_entry.leaves)
        return recorded_entry

    swap(close_day, "_sealed", sealed)


def replace_closings(_world: World, swap: Swap) -> None:
    """A stored version is replaced."""
    right = MemoryClosingStore._record

    def record(self: MemoryClosingStore, sealed: SealedClosing) -> bool:
        item, tables = sealed.item, self._tables
        day = date.fromisoformat(item["day"])
        there = {version.version: version for version in tables.versions(item["merchant"], day)}
        if item["version"] in there:
            kept = there[item["version"]]
            tables.closings.pop((item["merchant"], int(kept.item["sequence"])))
            for entry_id in sealed.added:
                tables.sealed[item["merchant"], day].pop(entry_id, None)
        return right(self, sealed)

    swap(MemoryClosingStore, "_record", record)


def close_without_looking(world: World, swap: Swap) -> None:
    """A day is closed from the read model, without the ledger."""
    right = world.night_ledger

    class Blind:
        def __init__(self) -> None:
            self._ledger = right()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._ledger, name)

        def day_entries(self, merchant_id: str, day: date) -> list[Entry]:
            rows = world.tables.of_day(merchant_id, day)
            return [kept.entry for kept in rows]

    world.night_ledger = Blind  # type: ignore[method-assign,assignment]


MUTATIONS: Mapping[str, Mutation] = {
    "seals without the day": seal_without_the_day,
    "marks of late entries lost": forget_every_mark,
    "no outbox of closings": keep_no_outbox,
    "archived before committed": archive_before_committing,
    "closings written over": replace_closings,
    "no reconciliation with the ledger": close_without_looking,
}
