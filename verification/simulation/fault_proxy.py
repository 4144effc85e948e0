"""The wire between the code and every store: what was asked may not arrive, nor its answer.

Each call to a port goes through here. Its fate is asked once, so a crash can be had before and
after every effect of a story; the call, its content and its fate go into the story's trace.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from typing import TypeVar

from verification.simulation.schedule import Schedule, SimulatedCrashError
from verification.simulation.trace import Trace

Answer = TypeVar("Answer")
Fault = Callable[[bool], Exception]
"""The error of a store that did not answer: whether it did what was asked decides which."""


class Fate(Enum):
    """What becomes of a call."""

    ANSWERED = "answered"
    UNHEARD = "never arrived, and an error"
    UNANSWERED = "done, its answer lost, and an error"
    TWICE = "done, its answer lost, and sent again by the client library"
    CRASHED_BEFORE = "the process ended before it"
    CRASHED_AFTER = "the process ended after it"


TRACED: Mapping[Fate, str] = {
    Fate.ANSWERED: "answered",
    Fate.UNHEARD: "request lost",
    Fate.UNANSWERED: "response lost",
    Fate.TWICE: "sent twice",
    Fate.CRASHED_BEFORE: "crash before",
    Fate.CRASHED_AFTER: "crash after",
}
"""What the trace calls each fate; part of all saved traces."""
Fates = Callable[[str], Fate]


class Wire:
    """Carries calls to ports; `fates` decides what becomes of them, given the port's name.

    `delay` says for how many turns of others a call is under way before it arrives.
    """

    def __init__(self, schedule: Schedule, fates: Fates, trace: Trace) -> None:
        self._schedule = schedule
        self.fates = fates
        self.calls: list[str] = []
        self.faults: Counter[Fate] = Counter()
        self.delay: Callable[[], int] = lambda: 0
        self.listener: Callable[[str, Fate], None] = lambda port, fate: None
        self._trace = trace

    def call(self, port: str, sent: object, effect: Callable[[], Answer], fault: Fault) -> Answer:
        """Carry a call; raise SimulatedCrashError, or the store's fault, or what the store itself refuses.

        `sent` is all that reaches the store, in plain values (see trace).
        """
        self._schedule.pause(self.delay())
        fate = self.fates(port)
        self._note(port, sent, fate)
        if fate is Fate.ANSWERED:
            return effect()
        if fate is Fate.CRASHED_BEFORE:
            raise SimulatedCrashError(port)
        if fate is Fate.UNHEARD:
            raise fault(False)
        # The store does it; whether it accepts or refuses, nobody hears.
        with suppress(Exception):
            effect()
        if fate is Fate.CRASHED_AFTER:
            raise SimulatedCrashError(port)
        if fate is Fate.UNANSWERED:
            raise fault(True)
        return effect()

    def pause(self) -> None:
        """Let others go on while a call is under way."""
        self._schedule.pause()

    def _note(self, port: str, sent: object, fate: Fate) -> None:
        self.calls.append(port)
        self._trace.add(f"call {port}", TRACED[fate], sent)
        if fate is not Fate.ANSWERED:
            self.faults[fate] += 1
            self.listener(port, fate)
