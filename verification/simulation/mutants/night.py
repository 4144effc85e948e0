"""Mistakes of the night."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chalicelib.closing import close_day
from chalicelib.closing.draft import Draft
from chalicelib.closing.outbox import archive
from chalicelib.closing.ports import ClosingKey, Ports, SealedClosing
from chalicelib.ledger import seals
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.entries import Entry
from verification.simulation.mutants import Mutation, Swap
from verification.simulation.stores.books import MemoryBooks
from verification.simulation.world import World


def seal_without_the_day(_world: World, swap: Swap) -> None:
    """An entry stands under the seal without its day, so it could be moved."""
    right = seals.leaf_of

    def leaf_of(entry: Entry) -> bytes:
        leaf = json.loads(right(entry))
        del leaf["day"]
        return canonical_json(leaf)

    swap(seals, "leaf_of", leaf_of)


def forget_every_mark(_world: World, swap: Swap) -> None:
    """A closing takes the day's mark away, whichever entry came in since it was read."""

    def unmark(self: MemoryBooks, merchant_id: str, day: date, _mark: int | None) -> None:
        self._tables.unsealed.pop((merchant_id, day), None)

    swap(MemoryBooks, "_unmark", unmark)


def keep_no_outbox(_world: World, swap: Swap) -> None:
    """What was committed and not archived is not remembered."""

    def pending(self: MemoryBooks, merchants: Sequence[str]) -> list[ClosingKey]:
        self._tables.outbox.clear()
        return []

    swap(MemoryBooks, "pending", pending)


def archive_before_committing(_world: World, swap: Swap) -> None:
    """A closing goes to the bucket before it is known to be the one that counts."""
    right = close_day._seal

    def sealed(ports: Ports, version: Draft, change_id: int | None, run: str) -> SealedClosing:
        made = right(ports, version, change_id, run)
        archive(ports, made.item, made.leaves)
        return made

    swap(close_day, "_seal", sealed)


def replace_closings(_world: World, swap: Swap) -> None:
    """A version that is there already is written over."""
    right = MemoryBooks._record

    def record(self: MemoryBooks, sealed: SealedClosing) -> bool:
        item, tables = sealed.item, self._tables
        day = date.fromisoformat(item["day"])
        there = {version.version: version for version in tables.versions(item["merchant"], day)}
        if item["version"] in there:
            kept = there[item["version"]]
            tables.closings.pop((item["merchant"], int(kept.item["sequence"])))
            for entry_id in sealed.added:
                tables.sealed[item["merchant"], day].pop(entry_id, None)
        return right(self, sealed)

    swap(MemoryBooks, "_record", record)


def close_without_looking(world: World, swap: Swap) -> None:
    """A day is closed as the read model has it, without a look at the ledger."""
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
