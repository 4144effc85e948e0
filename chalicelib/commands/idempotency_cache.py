"""The fast memory of recorded entries in Redis: it answers replays and spares the table storms.

It is never the authority. What it holds is a stored item under the id that merchant and key stand
for; whatever it cannot say, or says in a form that was not written here, the ledger is asked.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib import observability
from chalicelib.ledger.encoding import canonical_json
from chalicelib.runtime.circuit_breaker import CircuitBreaker, CircuitOpenError
from chalicelib.storage.dynamodb_items import StoredEntry, entry_item, stored_entry

if TYPE_CHECKING:
    import redis

Answer = TypeVar("Answer")

KEPT_SECONDS = 3600
BREAKER_WINDOW_SECONDS = 5.0


def recall_nothing(_merchant_id: str, _ids: Sequence[str]) -> Mapping[str, StoredEntry]:
    """Answer for a deployment without Redis: nothing is remembered."""
    return {}


def remember_nothing(_entries: Sequence[StoredEntry]) -> None:
    """Do nothing, for a deployment without Redis."""


class IdempotencyCache:
    """Remembers recorded entries for an hour; every failure of Redis is an empty answer.

    `client` has short time-outs and no retries; out of reach, it is left alone for `window`
    seconds by `clock`. Threads share the memory.
    """

    def __init__(
        self,
        client: "redis.Redis",
        window: float = BREAKER_WINDOW_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        import redis

        self._client = client
        out_of_reach = (redis.ConnectionError, redis.TimeoutError, OSError)
        self._breaker = CircuitBreaker(out_of_reach, window, clock)

    def recall(self, merchant_id: str, entry_ids: Sequence[str]) -> Mapping[str, StoredEntry]:
        """Return those entries of a merchant that are remembered, by id, in one round trip."""
        if not entry_ids:
            return {}
        names = [_name(one) for one in entry_ids]
        values = self._forgiving(lambda: self._client.mget(names)) or ()
        known = (_told(merchant_id, *pair) for pair in zip(entry_ids, values, strict=False))
        return {stored.entry.entry_id: stored for stored in known if stored is not None}

    def remember(self, entries: Sequence[StoredEntry]) -> None:
        """Keep entries that the ledger holds, in one round trip; what is kept already stays."""
        if entries:
            self._forgiving(lambda: self._set(entries))

    def replace(self, stored: StoredEntry) -> None:
        """Keep an entry over whatever is kept of it.

        After an erasure this also holds off who read the texts before and would remember them now.
        """
        name, value = _name(stored.entry.entry_id), _written(stored)
        self._forgiving(lambda: self._client.set(name, value, ex=KEPT_SECONDS))

    def _set(self, entries: Sequence[StoredEntry]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for stored in entries:
            name = _name(stored.entry.entry_id)
            pipeline.set(name, _written(stored), nx=True, ex=KEPT_SECONDS)
        pipeline.execute()

    def _forgiving(self, call: Callable[[], Answer]) -> Answer | None:
        import redis

        try:
            with self._breaker.guarding(), observability.store_call("redis", "replay memory"):
                return call()
        except CircuitOpenError:
            return None  # it failed a moment ago and was counted then
        except UnicodeDecodeError:  # redis-py drops the connection then, so none is out of step
            observability.count("CacheDegraded", cache="corrupt")
        except (redis.RedisError, OSError) as failure:
            observability.count("CacheDegraded", cache=type(failure).__name__)
        return None


def _name(entry_id: str) -> str:
    return f"replay:{entry_id}"


def _written(stored: StoredEntry) -> str:
    item = entry_item(stored)
    return json.dumps({"sha256": _checksum(item), "item": item})


def _told(merchant_id: str, entry_id: str, value: bytes | str | None) -> StoredEntry | None:
    if value is None:
        return None
    try:
        written = json.loads(value)
        if written["sha256"] == _checksum(written["item"]):
            stored = stored_entry(written["item"])
            if (stored.entry.merchant_id, stored.entry.entry_id) == (merchant_id, entry_id):
                return stored
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass  # counted below, with what reads well and is not ours
    observability.count("CacheDegraded", cache="corrupt")
    return None


def _checksum(item: Any) -> str:
    return hashlib.sha256(canonical_json(item)).hexdigest()
