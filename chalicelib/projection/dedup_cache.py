"""Which stream records were projected, in Redis, so that a batch delivered again costs no SQL.

A batch is added after its commit, and the cache may lose anything: a flush costs work and nothing
else. A batch is stored whole under the table's name and the id of its first record, because a batch
that is delivered again begins with the same record, though it may be longer. So one value is read
and one written, where a set would have an answer per record.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.runtime.redis_calls import RedisCalls, count_corrupt_value
from chalicelib.runtime.wiring import once

TTL_SECONDS = 1200
BREAKER_SECONDS = 10.0


class LateDedupCache:
    """The cache of a process from its second batch on, made by `connect` when it is needed.

    Loading the client of Redis takes longer than the SQL of the first batch that it might spare.
    """

    def __init__(self, connect: "Callable[[], RedisDedupCache]") -> None:
        self._connect = once(connect)
        self._batches = 0

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Return the ids that were added; called once a batch."""
        self._batches += 1
        return self._connect().known(event_ids) if self._batches > 1 else set()

    def add(self, event_ids: Sequence[str]) -> None:
        """Add the ids of records whose effect is committed."""
        if self._batches > 1:
            self._connect().add(event_ids)


class RedisDedupCache:
    """One round trip to read and one to add; while Redis does not respond, no id is known.

    `client` is None where a deployment has no Redis.
    """

    def __init__(self, client: Any | None, table: str, window: float = BREAKER_SECONDS) -> None:
        self._client: Any = client
        self._table = table
        self._calls = RedisCalls("processed memory", window)

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Return the ids added in the last 20 minutes in a batch with the same first id."""
        if self._client is None or not event_ids:
            return set()
        value = self._calls.call(lambda: self._client.get(self._key(event_ids)))
        return _parse(value).intersection(event_ids) if value is not None else set()

    def add(self, event_ids: Sequence[str]) -> None:
        """Add the ids of records whose effect is committed."""
        if self._client is not None and event_ids:
            value = json.dumps(list(event_ids))
            self._calls.call(lambda: self._client.set(self._key(event_ids), value, ex=TTL_SECONDS))

    def _key(self, event_ids: Sequence[str]) -> str:
        return f"processed:{self._table}:{event_ids[0]}"


def _parse(value: str) -> set[str]:
    try:
        event_ids = json.loads(value)
        if isinstance(event_ids, list):
            return set(event_ids)
    except (ValueError, TypeError, RecursionError):
        pass  # counted below, like valid JSON that is not a list
    count_corrupt_value()
    return set()
