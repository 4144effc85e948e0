"""Which stream records were projected, in Redis, so that a batch delivered again costs no SQL.

A batch is added after its commit, and the cache may lose anything: a flush costs work and nothing
else. A batch is stored whole under the id of its first record, because a batch that is delivered
again begins with the same record, though it may be longer. So one value is read and one written,
where a set would have an answer per record.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from chalicelib import observability
from chalicelib.runtime.circuit_breaker import CircuitBreaker, CircuitOpenError

TTL_SECONDS = 1200
BREAKER_SECONDS = 10.0


class RedisDedupCache:
    """One round trip to read and one to add; while Redis does not respond, no id is known.

    `client` is None where a deployment has no Redis.
    """

    def __init__(self, client: Any | None, window: float = BREAKER_SECONDS) -> None:
        from redis.exceptions import RedisError

        self._client: Any = client
        self._failures = (RedisError, OSError)
        self._breaker = CircuitBreaker(self._failures, window)

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Return the ids that were added in the last 20 minutes under the first of them."""
        if self._client is None or not event_ids:
            return set()
        value = self._call(lambda: self._client.get(_key(event_ids)))
        return _parse(value).intersection(event_ids) if value is not None else set()

    def add(self, event_ids: Sequence[str]) -> None:
        """Add the ids of records whose effect is committed."""
        if self._client is not None and event_ids:
            value = json.dumps(list(event_ids))
            self._call(lambda: self._client.set(_key(event_ids), value, ex=TTL_SECONDS))

    def _call(self, command: Callable[[], Any]) -> Any:
        try:
            with self._breaker.guarding(), observability.store_call("redis", "processed memory"):
                return command()
        except CircuitOpenError:
            return None
        except UnicodeDecodeError:
            _count_corrupt()
        except self._failures as failure:
            observability.count("CacheDegraded", cache=type(failure).__name__)
        return None


def _key(event_ids: Sequence[str]) -> str:
    return f"processed:{event_ids[0]}"


def _parse(value: str) -> set[str]:
    try:
        event_ids = json.loads(value)
        if isinstance(event_ids, list):
            return set(event_ids)
    except (ValueError, TypeError, RecursionError):
        pass  # counted below, like valid JSON that is not a list
    _count_corrupt()
    return set()


def _count_corrupt() -> None:
    observability.count("CacheDegraded", cache="corrupt")
