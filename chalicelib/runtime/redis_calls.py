"""Calls to Redis for callers that continue without a response, whatever is wrong with Redis."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

from chalicelib import observability
from chalicelib.runtime.circuit_breaker import CircuitBreaker, CircuitOpenError

Result = TypeVar("Result")


class RedisCalls:
    """Makes the calls of one purpose, which is their name in traces; threads may share it.

    After a failure, calls are skipped for `window` seconds by `clock`. An error that Redis itself
    sent, or a text that is not UTF-8, is a response, after which calls continue.
    """

    def __init__(
        self, purpose: str, window: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._purpose = purpose
        self._breaker = CircuitBreaker((Exception,), window, clock)

    def call(self, command: Callable[[], Result], even_if_failing: bool = False) -> Result | None:
        """Return the response to a command, or None without a valid one; failures are counted.

        `even_if_failing` makes the call also while calls are skipped.
        """
        guard = nullcontext() if even_if_failing else self._breaker.guarding()
        try:
            with guard:
                return self._response(command)
        except CircuitOpenError:
            pass  # the failure that opened the circuit was counted
        except Exception as failure:  # redis-py raises anything for a malformed reply
            _count(type(failure).__name__)
        return None

    def _response(self, command: Callable[[], Result]) -> Result | None:
        import redis

        try:
            with observability.store_call("redis", self._purpose):
                return command()
        except redis.ResponseError as refusal:
            _count(type(refusal).__name__)
        except UnicodeDecodeError:  # redis-py closes the connection, so no response is left unread
            count_corrupt_value()
        return None


def count_corrupt_value() -> None:
    """Count a value in Redis that this application did not write."""
    _count("corrupt")


def _count(cause: str) -> None:
    observability.count("CacheDegraded", cache=cause)
