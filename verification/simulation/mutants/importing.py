"""Mutants of importing bank files."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.commands import row_generations, undo_import
from chalicelib.commands.entry_repository import EntryRepository
from chalicelib.ledger.entries import Entry, reversal_draft, reversal_id_of
from chalicelib.ledger.record import RecordingContext, make_entry
from chalicelib.storage.dynamodb_items import IdempotencyRecord, key_item
from verification.simulation.mutants import Mutation, Swap, swapped
from verification.simulation.world import World


def _claim_without_a_condition(world: World, swap: Swap) -> None:
    def insert_claim(
        _self: EntryRepository, row: IdempotencyRecord, claim: IdempotencyRecord, **_: Any
    ) -> bool:
        table = world.table

        def write() -> None:
            table._write(key_item(row))
            table._write(key_item(claim))

        world.proxy.call("dynamodb.transact", [key_item(row), key_item(claim)], write, table._fault)
        return True

    swap(EntryRepository, "insert_claim", insert_claim)


def _undo_today(original: Entry, reason: str, context: RecordingContext) -> Entry:
    draft, entry_id = reversal_draft(original, reason), reversal_id_of(original.entry_id)
    return make_entry(draft, context, entry_id, reverses=original.entry_id)


def _undone_at_once(_ports: object, _merchant: str, ids: Iterable[str], *_: object) -> set[str]:
    return set(ids)


MUTATIONS: Mapping[str, Mutation] = {
    "claims without a condition": _claim_without_a_condition,
    "rows new before an undo has finished": swapped(
        row_generations, "undone_imports", _undone_at_once
    ),
    "undone rows never new again": swapped(row_generations, "_ended", lambda *_: set()),
    "undo dated today": swapped(undo_import, "undo_reversal", _undo_today),
}
