"""The circuit breaker: after a failure calls are skipped for a window, then one call tries."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from chalicelib.runtime.circuit_breaker import CircuitBreaker, CircuitOpenError

WINDOW = 5.0


class Clock:
    """A clock in seconds that only advances when it is set."""

    def __init__(self) -> None:
        self.ticks = 100.0

    def __call__(self) -> float:
        return self.ticks


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuit(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker((OSError,), WINDOW, clock)


def test_other_exceptions_pass_through(circuit: CircuitBreaker) -> None:
    for _ in range(3):
        with pytest.raises(ValueError, match="odd"), circuit.guarding():
            raise ValueError("odd")


def test_only_one_call_tries(circuit: CircuitBreaker, clock: Clock) -> None:
    with pytest.raises(OSError, match="gone"), circuit.guarding():
        _respond(works=False)
    clock.ticks += WINDOW
    with circuit.guarding(), pytest.raises(CircuitOpenError), circuit.guarding():
        pytest.fail("a second call tried")


def test_calls_run_in_parallel(circuit: CircuitBreaker) -> None:
    barrier = threading.Barrier(8, timeout=10)

    def call(_: int) -> None:
        with circuit.guarding():
            barrier.wait()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(8)))


class AnyCalls(RuleBasedStateMachine):
    """Any sequence of successes, failures and time: after a failure, one call per window."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.circuit = CircuitBreaker((OSError,), WINDOW, self.clock)
        self.failed_at: float | None = None

    @rule(works=st.booleans())
    def call(self, works: bool) -> None:
        called = False
        try:
            with self.circuit.guarding():
                called = True
                _respond(works)
        except CircuitOpenError:
            assert not called
        except OSError:
            assert called
        skipped = self.failed_at is not None and self.clock.ticks < self.failed_at + WINDOW
        assert called != skipped
        if called:
            self.failed_at = None if works else self.clock.ticks

    @rule(seconds=st.sampled_from([0.001, 0.5, WINDOW - 0.001, WINDOW, 12.0]))
    def wait(self, seconds: float) -> None:
        self.clock.ticks += seconds


TestAnyCalls = AnyCalls.TestCase


def _respond(works: bool) -> None:
    if not works:
        raise OSError("gone")
