"""The faults of calls to stores: a proxy, in this process, which loses calls or their responses.

It is for simulated stores what the kit's FaultProxy is for real ones. Each call to a port passes
here, and its fate is drawn once, so that a crash can happen before and after every effect; the
call, its content and its fate go into the scenario's trace. Each scenario draws its failing stores,
their rates and kinds of faults (FaultPlan).
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import Enum
from functools import wraps
from typing import Any, TypeVar, cast

from verification.simulation.clock import Clock
from verification.simulation.schedule import Schedule, SimulatedCrashError
from verification.simulation.trace import Trace

Response = TypeVar("Response")
Fault = Callable[[bool], Exception]
"""Returns the error of a store that does not respond, given whether it did the request."""


class Fate(Enum):
    """What happens to a call; the values are labels of all saved traces."""

    ANSWERED = "answered"
    REQUEST_LOST = "request lost"
    RESPONSE_LOST = "response lost"
    SENT_TWICE = "sent twice"
    CRASHED_BEFORE = "crash before"
    CRASHED_AFTER = "crash after"


Fates = Callable[[str], Fate]
Method = TypeVar("Method", bound=Callable[..., Any])
PORTS: set[str] = set()
"""The names of all ports of the stores that were imported."""


def _arguments(*values: object) -> object:
    return values[0] if len(values) == 1 else values


def port(name: str, sent: Callable[..., object] = _arguments) -> Callable[[Method], Method]:
    """Return a decorator for a store's methods: every call of them passes the store's proxy.

    The method is what the store does. `sent` returns, from the same arguments, what reaches the
    store (see FaultProxy.call); the store has its proxy in `_proxy`, and its error in `_fault`.
    """
    PORTS.add(name)

    def decorate(method: Method) -> Method:
        @wraps(method)
        def call(store: Any, *args: Any, **kwargs: Any) -> Any:
            proxy = store._proxy
            content = sent(*args, **kwargs) if proxy.trace.is_kept else None
            return proxy.call(name, content, lambda: method(store, *args, **kwargs), store._fault)

        return cast(Method, call)

    return decorate


class FaultProxy:
    """Passes calls to ports; `fates` decides what happens to each, given the port's name.

    `delay` returns for how many turns of other processes a call is on its way.
    """

    def __init__(self, schedule: Schedule, fates: Fates, trace: Trace) -> None:
        self._schedule = schedule
        self.fates = fates
        self.calls: list[str] = []
        self.faults: Counter[Fate] = Counter()
        self.delay: Callable[[], int] = lambda: 0
        self.trace = trace

    def call(
        self, port: str, sent: object, effect: Callable[[], Response], fault: Fault
    ) -> Response:
        """Pass a call on; raise SimulatedCrashError, `fault`, or what the store itself raises.

        `sent` is everything that reaches the store, in plain values (see trace).
        """
        self._schedule.pause(self.delay())
        fate = self.fates(port)
        self._record(port, sent, fate)
        if fate is Fate.ANSWERED:
            return effect()
        if fate is Fate.CRASHED_BEFORE:
            raise SimulatedCrashError(port)
        if fate is Fate.REQUEST_LOST:
            raise fault(False)
        # The store does it; whether it accepts or raises, the caller does not learn.
        with suppress(Exception):
            effect()
        if fate is Fate.CRASHED_AFTER:
            raise SimulatedCrashError(port)
        if fate is Fate.RESPONSE_LOST:
            raise fault(True)
        return effect()  # the client library sends it again

    def pause(self) -> None:
        """Let other processes run during a call."""
        self._schedule.pause()

    def _record(self, port: str, sent: object, fate: Fate) -> None:
        self.calls.append(port)
        if self.trace.is_kept:
            self.trace.add(f"call {port}", fate.value, sent)
        if fate is not Fate.ANSWERED:
            self.faults[fate] += 1


GROUPS = (
    "dynamodb", "redis", "read_model", "closings", "kms", "s3", "eventbridge", "sqs",
    "stepfunctions",
)  # fmt: skip
_RATES = (0.0, 0.0, 0.02, 0.05, 0.12)
_FAULTS = tuple(fate for fate in Fate if fate is not Fate.ANSWERED)


class FaultPlan:
    """The random fates of a scenario's calls."""

    def __init__(self, chance: random.Random, clock: Clock) -> None:
        self._chance = chance
        self._clock = clock
        self._rates = {group: chance.choice(_RATES) for group in GROUPS}
        self._faults: Sequence[Fate] = chance.sample(_FAULTS, chance.randint(1, len(_FAULTS)))
        self._slowness = chance.choice((0.0, 0.02, 0.08))
        self._down: dict[str, int] = {}
        self.is_calm = False

    def fate(self, port: str) -> Fate:
        """Return what happens to the next call to a port."""
        self._clock.tick()
        if self.is_calm:
            return Fate.ANSWERED
        group = port.partition(".")[0]
        if self._is_down(group):
            return Fate.REQUEST_LOST
        if self._chance.random() >= self._rates[group]:
            return Fate.ANSWERED
        return self._chance.choice(self._faults)

    def delay(self) -> int:
        """Return for how many turns the next call is on its way."""
        if self.is_calm or self._chance.random() >= self._slowness:
            return 0
        return self._chance.choice((5, 20, 80))

    def take_down(self, group: str, calls: int) -> None:
        """Let a store be unreachable for its next `calls` calls."""
        self._down[group] = calls

    def clear(self) -> None:
        """Let nothing fail from now on."""
        self.is_calm = True
        self._down = {}

    def _is_down(self, group: str) -> bool:
        remaining = self._down.get(group, 0)
        self._down[group] = remaining - 1
        return remaining > 0
