"""Mutants of the write side."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from chalicelib.commands import idempotency, record, reverse
from chalicelib.commands.entry_repository import EntryRepository
from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.idempotency import OriginalRequest
from chalicelib.storage.dynamodb_items import StoredEntry, StoredItem, entry_item, stored_entry
from verification.simulation import world as simulated
from verification.simulation.mutants import Mutation, Swap, swapped
from verification.simulation.world import World

_MOMENT = timedelta(seconds=1)


def _store_the_key_apart(world: World, swap: Swap) -> None:
    # The entry gets a random id, and its key is stored by another write.
    keys: dict[str, str] = {}
    call, fault, right = world.proxy.call, world.table._fault, EntryRepository.insert

    def insert(self: EntryRepository, stored: StoredEntry) -> StoredItem | None:
        key_id = stored.entry.entry_id
        known = call("dynamodb.get_key", key_id, lambda: keys.get(key_id), fault)
        if known is not None:
            return stored_entry(world.table.items[known])
        fresh = entry_id(stored.entry.merchant_id, f"{key_id} {len(world.table.items)}")
        recorded = replace(stored, entry=stored.entry._replace(entry_id=fresh))
        right(self, recorded)
        call("dynamodb.put_key", fresh, lambda: keys.setdefault(key_id, fresh), fault)
        return recorded

    swap(EntryRepository, "insert", insert)


def _cache_before_recording(world: World, swap: Swap) -> None:
    right = EntryRepository.insert

    def insert(self: EntryRepository, stored: StoredEntry) -> StoredItem | None:
        world.commands().cache.add([stored])
        return right(self, stored)

    swap(EntryRepository, "insert", insert)


def _put_without_a_condition(world: World, swap: Swap) -> None:
    # A repeated request replaces the entry.
    def insert(_self: EntryRepository, stored: StoredEntry) -> None:
        item, table = entry_item(stored), world.table
        world.proxy.call("dynamodb.put", item, lambda: table._write(item), table._fault)

    swap(EntryRepository, "insert", insert)


def _reverse_under_random_ids(world: World, swap: Swap) -> None:
    def fresh(reversed_id: str) -> str:
        return entry_id(reversed_id, f"reversal {len(world.table.items)}")

    swap(reverse, "reversal_id_of", fresh)


def _compare_with_defaults(world: World, swap: Swap) -> None:
    # A default moment counts as part of the request, so a replay differs from it.
    right = idempotency.is_written_by

    def is_same(stored: StoredEntry, request: OriginalRequest) -> bool:
        return right(stored, request) and (
            "occurred_at" in request.body or world.clock.now - stored.entry.recorded_at < _MOMENT
        )

    swap(record, "is_written_by", is_same)


MUTATIONS: Mapping[str, Mutation] = {
    "idempotency key written apart from the entry": _store_the_key_apart,
    "Redis written before the ledger": _cache_before_recording,
    "put without a condition": _put_without_a_condition,
    "keys without their merchant": swapped(
        idempotency, "entry_id", lambda _merchant_id, key: entry_id("everybody", key)
    ),
    "days cut at midnight in UTC": swapped(simulated, "ZONE", ZoneInfo("UTC")),
    "reversals with random ids": _reverse_under_random_ids,
    "defaults taken as sent": _compare_with_defaults,
    "erased texts kept in Redis": swapped(IdempotencyCache, "replace", lambda *_: None),
    "erased texts replaced unless cached": swapped(
        IdempotencyCache, "replace", lambda cache, stored: cache.add([stored])
    ),
}
