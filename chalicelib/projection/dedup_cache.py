"""Which stream records were processed, in Redis: it saves a redelivered batch its SQL, no more.

Written after the commit alone and never believed to be complete, so a flush costs work and nothing
else. A batch is remembered whole, under its first record: what comes again begins where it began,
longer perhaps, and so one value each way does, where a set would answer for every record.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from chalicelib import observability
from chalicelib.runtime.circuit_breaker import CircuitBreaker, CircuitOpenError

KEPT_SECONDS = 1200
BREAKER_SECONDS = 10.0


class RedisDedupCache:
    """One round trip to ask, one to remember; where Redis does not answer, nothing is known.

    `client` is None where a deployment has no Redis.
    """

    def __init__(self, client: Any | None, window: float = BREAKER_SECONDS) -> None:
        from redis.exceptions import RedisError

        self._client: Any = client
        self._failures = (RedisError, OSError)
        self._breaker = CircuitBreaker(self._failures, window)

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Return those that were remembered in the last 20 minutes under the first of them."""
        if self._client is None or not event_ids:
            return set()
        result = self._ask(lambda: self._client.get(_key(event_ids)))
        return _told(result).intersection(event_ids) if result is not None else set()

    def remember(self, event_ids: Sequence[str]) -> None:
        """Remember ids whose effect is committed."""
        if self._client is not None and event_ids:
            value = json.dumps(list(event_ids))
            self._ask(lambda: self._client.set(_key(event_ids), value, ex=KEPT_SECONDS))

    def _ask(self, call: Callable[[], Any]) -> Any:
        try:
            with self._breaker.guarding(), observability.store_call("redis", "processed memory"):
                return call()
        except CircuitOpenError:
            return None
        except UnicodeDecodeError:
            _tell_corrupt()
        except self._failures as failure:
            observability.count("CacheDegraded", cache=type(failure).__name__)
        return None


def _key(event_ids: Sequence[str]) -> str:
    return f"processed:{event_ids[0]}"


def _told(value: str) -> set[str]:
    try:
        result = json.loads(value)
        if isinstance(result, list):
            return set(result)
    except (ValueError, TypeError, RecursionError):
        pass  # counted below, with what reads well and is no list
    _tell_corrupt()
    return set()


def _tell_corrupt() -> None:
    observability.count("CacheDegraded", cache="corrupt")
