"""A circuit breaker: after a failure, leave a store alone for a while instead of waiting again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CircuitOpenError(Exception):
    """The store failed a moment ago and is not asked now."""


class Breaker:
    """Lets calls through until one fails, then none for `window` seconds, then one to try.

    `failures` are the exceptions that say the store is out of reach; others pass through and count
    as an answer. Threads share it; calls run side by side, only the bookkeeping is locked.
    """

    def __init__(
        self,
        failures: tuple[type[Exception], ...],
        window: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures = failures
        self._window = window
        self._clock = clock
        self._lock = threading.Lock()
        self._closed_again_at: float | None = None

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """Run a call to the store; raise CircuitOpenError when it is not to be asked now."""
        self._admit()
        try:
            yield
        except self._failures:
            self._trip()
            raise
        except BaseException:
            self._reset()
            raise
        self._reset()

    def _admit(self) -> None:
        with self._lock:
            if self._closed_again_at is None:
                return
            now = self._clock()
            if now < self._closed_again_at:
                raise CircuitOpenError
            # This call is the one that tries; others keep away until it has an answer.
            self._closed_again_at = now + self._window

    def _trip(self) -> None:
        with self._lock:
            self._closed_again_at = self._clock() + self._window

    def _reset(self) -> None:
        with self._lock:
            self._closed_again_at = None
