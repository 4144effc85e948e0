"""The cache of recorded entries in Redis: it answers replays without a call to the table.

It is never the authority. It holds the item of an entry under the id of its merchant and key. For
anything missing, unreachable or not written by this module, the caller reads the ledger.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib import observability
from chalicelib.ledger.encoding import canonical_json
from chalicelib.runtime.circuit_breaker import CircuitBreaker, CircuitOpenError
from chalicelib.storage.dynamodb_items import StoredEntry, entry_item, stored_entry

if TYPE_CHECKING:
    import redis

Result = TypeVar("Result")

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


class IdempotencyCache:
    """Caches recorded entries for an hour; a failure of Redis is the same as an empty cache.

    `client` has short time-outs and no retries; after it was unreachable, only `replace` calls it
    for `window` seconds by `clock`. Threads may share the cache.
    """

    def __init__(
        self,
        client: "redis.Redis",
        window: float = BREAKER_WINDOW_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        import redis

        self._client = client
        unreachable = (redis.ConnectionError, redis.TimeoutError, OSError)
        self._breaker = CircuitBreaker(unreachable, window, clock)

    def get(self, merchant_id: str, entry_ids: Sequence[str]) -> Mapping[str, StoredEntry]:
        """Return the merchant's entries that are cached, by id, in one round trip."""
        if not entry_ids:
            return {}
        names = [_name(entry_id) for entry_id in entry_ids]
        values = self._call(lambda: self._client.mget(names), self._breaker.guarding()) or ()
        known = (_decode(merchant_id, *pair) for pair in zip(entry_ids, values, strict=False))
        return {stored.entry.entry_id: stored for stored in known if stored is not None}

    def add(self, entries: Sequence[StoredEntry]) -> None:
        """Cache entries that the ledger holds, in one round trip; cached ones stay as they are."""
        if not entries:
            return
        self._call(lambda: self._add(entries), self._breaker.guarding())

    def _add(self, entries: Sequence[StoredEntry]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for stored in entries:
            name = _name(stored.entry.entry_id)
            pipeline.set(name, _encode(stored), nx=True, ex=TTL_SECONDS)
        pipeline.execute()

    def replace(self, stored: StoredEntry) -> None:
        """Cache an entry, replacing what is cached of it.

        Redis is called even if it failed a moment ago, or else erased texts could stay in it. After
        an erasure this also stops a concurrent reader from caching the old texts again.
        """
        name, value = _name(stored.entry.entry_id), _encode(stored)
        self._call(lambda: self._client.set(name, value, ex=TTL_SECONDS), nullcontext())

    def _call(
        self, call: Callable[[], Result], guard: AbstractContextManager[None]
    ) -> Result | None:
        """Return the result of a call to Redis, or None when it fails; failures are counted."""
        import redis

        try:
            with guard, observability.store_call("redis", "replay memory"):
                return call()
        except CircuitOpenError:
            return None  # Redis failed a moment ago, and that failure was counted
        except UnicodeDecodeError:  # redis-py closes the connection, so no response is left unread
            observability.count("CacheDegraded", cache="corrupt")
        except (redis.RedisError, OSError) as failure:
            observability.count("CacheDegraded", cache=type(failure).__name__)
        return None


def _name(entry_id: str) -> str:
    return f"replay:{entry_id}"


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
    observability.count("CacheDegraded", cache="corrupt")
    return None


def _checksum(item: Any) -> str:
    return hashlib.sha256(canonical_json(item)).hexdigest()
