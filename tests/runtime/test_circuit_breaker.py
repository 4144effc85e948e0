"""The circuit breaker: after a failure nobody asks for a window, then one tries."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chalicelib.runtime.circuit_breaker import Breaker, CircuitOpenError

WINDOW = 5.0


class Clock:
    """A clock in seconds that stands until it is advanced."""

    def __init__(self) -> None:
        self.ticks = 100.0

    def __call__(self) -> float:
        return self.ticks


def test_a_working_store_is_always_asked() -> None:
    breaker = Breaker((OSError,), WINDOW, Clock())
    for _ in range(100):
        with breaker.guarding():
            pass


def test_after_a_failure_nobody_asks_until_the_window_is_over() -> None:
    clock = Clock()
    breaker = Breaker((OSError,), WINDOW, clock)
    _fail(breaker)
    clock.ticks += WINDOW - 0.001
    with pytest.raises(CircuitOpenError), breaker.guarding():
        pytest.fail("the store was asked")
    clock.ticks += 0.001
    with breaker.guarding():
        pass
    with breaker.guarding():
        pass


def test_a_failed_try_opens_the_circuit_for_another_window() -> None:
    clock = Clock()
    breaker = Breaker((OSError,), WINDOW, clock)
    _fail(breaker)
    clock.ticks += WINDOW
    _fail(breaker)
    clock.ticks += WINDOW - 1
    with pytest.raises(CircuitOpenError), breaker.guarding():
        pytest.fail("the store was asked")


def test_another_exception_is_an_answer_and_passes_through() -> None:
    breaker = Breaker((OSError,), WINDOW, Clock())
    for _ in range(3):
        with pytest.raises(ValueError, match="odd"), breaker.guarding():
            raise ValueError("odd")


def test_while_one_tries_the_others_keep_away() -> None:
    clock = Clock()
    breaker = Breaker((OSError,), WINDOW, clock)
    _fail(breaker)
    clock.ticks += WINDOW
    with breaker.guarding(), pytest.raises(CircuitOpenError), breaker.guarding():
        pytest.fail("a second one tried")


def test_calls_run_side_by_side() -> None:
    breaker = Breaker((OSError,), WINDOW, Clock())
    together = threading.Barrier(8, timeout=10)

    def call(_: int) -> None:
        with breaker.guarding():
            together.wait()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(8)))


class BreakerStory(RuleBasedStateMachine):
    """Any story of answers, failures and time: a store is asked once a window after a failure."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker((OSError,), WINDOW, self.clock)
        self.failed_at: float | None = None

    @rule(works=st.booleans())
    def call(self, works: bool) -> None:
        request = False
        try:
            with self.breaker.guarding():
                request = True
                _answer(works)
        except CircuitOpenError:
            assert not request
        except OSError:
            assert request
        barred = self.failed_at is not None and self.clock.ticks < self.failed_at + WINDOW
        assert request != barred
        if request:
            self.failed_at = None if works else self.clock.ticks

    @rule(seconds=st.integers(0, 12))
    def wait(self, seconds: int) -> None:
        self.clock.ticks += seconds / 2

    @invariant()
    def the_window_is_never_behind_by_more_than_itself(self) -> None:
        assert self.failed_at is None or self.failed_at <= self.clock.ticks


TestBreakerStory = BreakerStory.TestCase


def _answer(works: bool) -> None:
    if not works:
        raise OSError("gone")


def _fail(breaker: Breaker) -> None:
    with pytest.raises(OSError, match="gone"), breaker.guarding():
        raise OSError("gone")
