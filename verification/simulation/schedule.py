"""Processes that take turns: at every call to a port another one may go on, as chance has it.

Each process runs the real code in a greenlet of its own, and one of them at a time, so what happens
between two calls of a command, a projector or a closing is up to the seed alone, and the same seed
gives the same order.
"""

import random
from collections.abc import Callable

import greenlet

MOST_TURNS = 200_000
"""So many turns without an end mean that the processes wait for one another for ever."""
Free = Callable[[], bool]


class SimulatedCrashError(BaseException):
    """The process ends here, as by kill -9: nothing after it happens, and nobody catches it."""


class EndlessRunError(Exception):
    """The processes of a story went on for longer than any story takes."""


class Schedule:
    """The processes of one story; `chance` decides who goes on."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._waiting: list[_Process] = []
        self.turns = 0

    def start(self, work: Callable[[], object]) -> None:
        """Let a process begin at some later turn; it must catch its own SimulatedCrashError."""
        self._waiting.append(_Process(work))

    def pause(self, turns: int = 0) -> None:
        """Let others go on first, if chance has it, for so many turns at least if there are others.

        Outside of a process nothing happens.
        """
        current = greenlet.getcurrent()
        if isinstance(current, _Process) and current.parent is not None:
            current.wakes_at = self.turns + turns
            current.parent.switch()

    def pause_until(self, free: Free) -> None:
        """Let others go on until `free` is true."""
        current = greenlet.getcurrent()
        while not free():
            if not isinstance(current, _Process):
                raise EndlessRunError("Nobody else can go on, so what is waited for never comes.")
            current.free = free
            self.pause()
            current.free = None

    def run(self, turns: int = MOST_TURNS) -> None:
        """Go on for so many turns, or until every process has ended; raise what one raised."""
        for _ in range(turns):
            if not self._waiting:
                return
            self._turn()
        if turns == MOST_TURNS:
            raise EndlessRunError(f"{len(self._waiting)} processes do not come to an end.")

    def _turn(self) -> None:
        self.turns += 1
        one = self._next()
        try:
            one.switch()
        finally:
            if one.dead:
                self._waiting.remove(one)

    def _next(self) -> "_Process":
        able = [one for one in self._waiting if one.free is None or one.free()]
        if not able:
            raise EndlessRunError(f"{len(self._waiting)} processes wait for one another.")
        awake = [one for one in able if one.wakes_at <= self.turns]
        if not awake:
            return min(able, key=lambda one: one.wakes_at)
        return awake[0] if len(awake) == 1 else self._chance.choice(awake)


class _Process(greenlet.greenlet):
    """A process; `free` says whether it can go on, `wakes_at` from which turn on it likes to."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(work)
        self.free: Free | None = None
        self.wakes_at = 0
