"""The cache of recorded entries in Redis: it answers replays without a call to the table.

It is never the authority. It holds the item of an entry under the id of its merchant and key, and
under the table's name: a table that was restored to an earlier moment has another name, and may
lack entries. For anything missing, unreachable or not written by this module, the caller reads the
ledger.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.ledger.encoding import canonical_json
from chalicelib.runtime.redis_calls import RedisCalls, count_corrupt_value
from chalicelib.runtime.wiring import once
from chalicelib.storage.dynamodb_items import StoredEntry, entry_item, stored_entry

if TYPE_CHECKING:
    import redis

    from chalicelib.commands.ports import Cache

TTL_SECONDS = 3600
BREAKER_WINDOW_SECONDS = 5.0


class NullCache:
    """The cache of a deployment without Redis: it holds nothing."""

    def get(self, _merchant_id: str, _entry_ids: Sequence[str]) -> Mapping[str, StoredEntry]:
        """Return no entry."""
        return {}

    def add(self, _entries: Sequence[StoredEntry]) -> None:
        """Do nothing."""

    def replace(self, _stored: StoredEntry) -> None:
        """Do nothing."""


class LateCache:
    """The cache of a process from its second request on, made by `connect` when it is needed.

    Loading the client of Redis would make a process's first request a quarter slower, and most
    merchants' requests are the first of a process. The ledger decides in any case.
    """

    def __init__(self, connect: "Callable[[], Cache]") -> None:
        self._connect = once(connect)
        self._requests = 0

    def get(self, merchant_id: str, entry_ids: Sequence[str]) -> Mapping[str, StoredEntry]:
        """Return the merchant's entries that are cached, by id; called once a request."""
        self._requests += 1
        return self._connect().get(merchant_id, entry_ids) if self._requests > 1 else {}

    def add(self, entries: Sequence[StoredEntry]) -> None:
        """Cache entries that the ledger holds."""
        if self._requests > 1:
            self._connect().add(entries)

    def replace(self, stored: StoredEntry) -> None:
        """Cache an entry, also in the first request, because erased texts must not stay cached."""
        self._connect().replace(stored)


class IdempotencyCache:
    """Caches a table's entries for an hour; a failure of Redis is the same as an empty cache.

    `client` has short time-outs and no retries; after it was unreachable, only `replace` calls it
    for `window` seconds by `clock`. Threads may share the cache.
    """

    def __init__(
        self,
        client: "redis.Redis",
        table: str,
        window: float = BREAKER_WINDOW_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._table = table
        self._calls = RedisCalls("replay memory", window, clock)

    def get(self, merchant_id: str, entry_ids: Sequence[str]) -> Mapping[str, StoredEntry]:
        """Return the merchant's entries that are cached, by id, in one round trip."""
        if not entry_ids:
            return {}
        values = self._calls.call(lambda: self._values(entry_ids)) or ()
        known = (_decode(merchant_id, *pair) for pair in zip(entry_ids, values, strict=False))
        return {stored.entry.entry_id: stored for stored in known if stored is not None}

    def _values(self, entry_ids: Sequence[str]) -> list[Any]:
        values: Any = self._client.mget([self._name(entry_id) for entry_id in entry_ids])
        if not isinstance(values, list):
            raise TypeError(f"MGET returned {type(values).__name__} instead of a list")
        return values

    def add(self, entries: Sequence[StoredEntry]) -> None:
        """Cache entries that the ledger holds, in one round trip; cached ones stay as they are."""
        if entries:
            self._calls.call(lambda: self._add(entries))

    def _add(self, entries: Sequence[StoredEntry]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for stored in entries:
            name = self._name(stored.entry.entry_id)
            pipeline.set(name, _encode(stored), nx=True, ex=TTL_SECONDS)
        pipeline.execute()

    def replace(self, stored: StoredEntry) -> None:
        """Cache an entry, replacing what is cached of it.

        Redis is called even if it failed a moment ago, or else erased texts could stay in it. After
        an erasure this also stops a concurrent reader from caching the old texts again.
        """
        name, value = self._name(stored.entry.entry_id), _encode(stored)
        self._calls.call(
            lambda: self._client.set(name, value, ex=TTL_SECONDS), even_if_failing=True
        )

    def _name(self, entry_id: str) -> str:
        return f"replay:{self._table}:{entry_id}"


def _encode(stored: StoredEntry) -> str:
    item = entry_item(stored)
    return json.dumps({"sha256": _checksum(item), "item": item})


def _decode(merchant_id: str, entry_id: str, value: bytes | str | None) -> StoredEntry | None:
    """Return a cached entry; None for no value, and for one that this module did not write."""
    if value is None:
        return None
    try:
        content = json.loads(value)
        if content["sha256"] == _checksum(content["item"]):
            stored = stored_entry(content["item"])
            if (stored.entry.merchant_id, stored.entry.entry_id) == (merchant_id, entry_id):
                return stored
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass  # counted below, together with readable values of another origin
    count_corrupt_value()
    return None


def _checksum(item: Any) -> str:
    return hashlib.sha256(canonical_json(item)).hexdigest()
