"""Which stream records were processed, in Redis: it saves a redelivered batch its SQL, no more.

Written after the commit alone and never believed to be complete, so a flush costs work and nothing
else. Two sets, of this stretch of time and of the one before, so that old ids go by themselves.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from chalicelib import observability
from chalicelib.breaker import Breaker, CircuitOpen

STRETCH_SECONDS = 600
BREAKER_SECONDS = 10.0


class RedisProcessedMemory:
    """One round trip to ask, one to remember; where Redis does not answer, nothing is known.

    `client` is None where a deployment has no Redis.
    """

    def __init__(
        self,
        client: Any | None,
        clock: Callable[[], float] = time.time,
        window: float = BREAKER_SECONDS,
    ) -> None:
        from redis.exceptions import RedisError

        self._client: Any = client
        self._clock = clock
        self._failures = (RedisError, OSError)
        self._breaker = Breaker(self._failures, window)

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Return the ids that were remembered in the last 10 to 20 minutes."""
        if self._client is None or not event_ids:
            return set()
        answers = self._ask(lambda pipeline: self._look_up(pipeline, event_ids))
        return {
            event_id
            for answer in answers
            for event_id, member in zip(event_ids, answer, strict=True)
            if member
        }

    def remember(self, event_ids: Sequence[str]) -> None:
        """Remember ids whose effect is committed."""
        if self._client is not None and event_ids:
            self._ask(lambda pipeline: self._write_down(pipeline, event_ids))

    def _look_up(self, pipeline: Any, event_ids: Sequence[str]) -> None:
        for stretch in (self._stretch(), self._stretch() - 1):
            pipeline.smismember(_key(stretch), event_ids)

    def _write_down(self, pipeline: Any, event_ids: Sequence[str]) -> None:
        key = _key(self._stretch())
        pipeline.sadd(key, *event_ids)
        pipeline.expire(key, 2 * STRETCH_SECONDS)

    def _stretch(self) -> int:
        return int(self._clock() // STRETCH_SECONDS)

    def _ask(self, fill: Callable[[Any], None]) -> list[Any]:
        try:
            with self._breaker.guarding(), observability.store_call("redis", "processed memory"):
                pipeline = self._client.pipeline(transaction=False)
                fill(pipeline)
                answers: list[Any] = pipeline.execute()
        except CircuitOpen:
            return []
        except self._failures as failure:
            observability.count("CacheDegraded", cache=type(failure).__name__)
            return []
        return answers


def _key(stretch: int) -> str:
    return f"processed:{stretch}"
