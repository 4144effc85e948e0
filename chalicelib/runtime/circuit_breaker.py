"""A circuit breaker: after a failure, calls to a store are skipped for a while."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CircuitOpenError(Exception):
    """The call was skipped, because the store failed a moment ago; try again later."""


class CircuitBreaker:
    """Passes calls until one fails, then skips calls for `window` seconds, then lets one try.

    `failures` are the exceptions that mean "the store is unreachable"; any other exception passes
    through and counts as a response. Threads share a breaker, and their calls run in parallel.
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
        self._open_until: float | None = None

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """Run a call to the store; raise CircuitOpenError where calls are skipped."""
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
            if self._open_until is None:
                return
            now = self._clock()
            if now < self._open_until:
                raise CircuitOpenError
            # This call tries the store; other calls are skipped until it has returned.
            self._open_until = now + self._window

    def _trip(self) -> None:
        with self._lock:
            self._open_until = self._clock() + self._window

    def _reset(self) -> None:
        with self._lock:
            self._open_until = None
