"""Mutants of the write side."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from chalicelib.commands import idempotency, record, reverse
from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.idempotency import OriginalRequest
from chalicelib.storage.dynamodb_items import StoredEntry, StoredItem, entry_item, stored_entry
from verification.simulation.mutants import Mutation, Swap
from verification.simulation.world import World

_MOMENT = timedelta(seconds=1)
Insert = Callable[[StoredEntry], StoredItem | None]


def keep_the_key_apart(world: World, _swap: Swap) -> None:
    """The entry gets a random id, and its key is stored by another write."""
    keys: dict[str, str] = {}
    proxy, silence = world.proxy, world.table._fault

    def change(_ports: CommandPorts, right: Insert) -> Insert:
        def insert(stored: StoredEntry) -> StoredItem | None:
            key_id = stored.entry.entry_id
            known = proxy.call("dynamodb.get_key", key_id, lambda: keys.get(key_id), silence)
            if known is not None:
                return stored_entry(world.table.items[known])
            fresh = entry_id(stored.entry.merchant_id, f"{key_id} {len(world.table.items)}")
            recorded = replace(stored, entry=stored.entry._replace(entry_id=fresh))
            right(recorded)
            proxy.call("dynamodb.put_key", fresh, lambda: keys.setdefault(key_id, fresh), silence)
            return recorded

        return insert

    _change_insert(world, change)


def remember_before_recording(world: World, _swap: Swap) -> None:
    """An entry is cached in Redis before the ledger has it."""

    def change(ports: CommandPorts, right: Insert) -> Insert:
        def insert(stored: StoredEntry) -> StoredItem | None:
            ports.cache.add([stored])
            return right(stored)

        return insert

    _change_insert(world, change)


def overwrite(world: World, _swap: Swap) -> None:
    """The put has no condition, so a repeated request replaces the entry."""
    repository_put = world.table._write

    def insert(stored: StoredEntry) -> StoredItem | None:
        world.proxy.call(
            "dynamodb.put",
            entry_item(stored),
            lambda: repository_put(entry_item(stored)),
            world.table._fault,
        )
        return None

    _change_insert(world, lambda _ports, _right: insert)


def take_days_from_utc(world: World, _swap: Swap) -> None:
    """Days end at midnight in UTC."""
    right = world.commands
    world.commands = lambda: replace(right(), zone=ZoneInfo("UTC"))  # type: ignore[method-assign]


def share_keys(_world: World, swap: Swap) -> None:
    """Merchants that use the same key get the same entry id."""
    swap(idempotency, "entry_id", lambda _merchant_id, key: entry_id("everybody", key))


def reverse_as_often_as_asked(world: World, swap: Swap) -> None:
    """A reversal has a random id, instead of one derived from the reversed entry."""

    def fresh(reversed_id: str) -> str:
        return entry_id(reversed_id, f"reversal {len(world.table.items)}")

    swap(reverse, "reversal_id_of", fresh)


def compare_with_defaults(world: World, swap: Swap) -> None:
    """A default moment counts as part of the request, so a replay differs from it."""

    def is_same(stored: StoredEntry, request: OriginalRequest) -> bool:
        return right(stored, request) and (
            "occurred_at" in request.body or world.clock.now - stored.entry.recorded_at < _MOMENT
        )

    right = idempotency.is_written_by
    swap(record, "is_written_by", is_same)


def keep_erased_texts(_world: World, swap: Swap) -> None:
    """An erasure leaves the cached entry in Redis."""
    swap(IdempotencyCache, "replace", lambda _cache, _stored: None)


def keep_cached_texts(_world: World, swap: Swap) -> None:
    """An erasure caches the erased entry only if the entry is not cached."""
    swap(IdempotencyCache, "replace", lambda cache, stored: cache.add([stored]))


def _change_insert(world: World, change: Callable[[CommandPorts, Insert], Insert]) -> None:
    right = world.commands

    def commands() -> CommandPorts:
        ports = right()
        setattr(ports.ledger, "insert", change(ports, ports.ledger.insert))  # noqa: B010
        return ports

    world.commands = commands  # type: ignore[method-assign]


MUTATIONS: Mapping[str, Mutation] = {
    "idempotency key written apart from the entry": keep_the_key_apart,
    "Redis written before the ledger": remember_before_recording,
    "put without a condition": overwrite,
    "keys without their merchant": share_keys,
    "days cut at midnight in UTC": take_days_from_utc,
    "reversals with random ids": reverse_as_often_as_asked,
    "defaults taken as sent": compare_with_defaults,
    "erased texts kept in Redis": keep_erased_texts,
    "erased texts replaced unless cached": keep_cached_texts,
}
