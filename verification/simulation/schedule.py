"""Processes that take turns: at every call to a port the schedule may switch to another process.

Each process runs the real code in its own greenlet, and one runs at a time. So the seed alone
decides the order of all calls of commands, projectors and closings.
"""

import random
from collections.abc import Callable

import greenlet

MAX_TURNS = 200_000
"""After this many turns the processes are considered to wait for one another forever."""
Free = Callable[[], bool]


class SimulatedCrashError(BaseException):
    """The process ends here, as by kill -9: no code after it runs, and nothing catches it."""


class EndlessRunError(Exception):
    """The processes of a scenario do not end."""


class Schedule:
    """The processes of one scenario; `chance` decides which one runs next."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._waiting: list[_Process] = []
        self._last_turn = 0
        self.turns = 0

    def start(self, work: Callable[[], object]) -> None:
        """Add a process, which begins at some later turn and must catch its SimulatedCrashError."""
        self._waiting.append(_Process(work))

    def pause(self, turns: int = 0) -> None:
        """Let other processes run, for at least `turns` turns where there are any.

        Outside of a process this does nothing.
        """
        current = greenlet.getcurrent()
        if isinstance(current, _Process) and current.parent is not None:
            current.wakes_at = self.turns + turns
            if self._has_next_turn(current):
                self.turns += 1
            else:
                current.parent.switch()

    def pause_until(self, free: Free) -> None:
        """Let other processes run until `free` returns True."""
        current = greenlet.getcurrent()
        while not free():
            if not isinstance(current, _Process):
                raise EndlessRunError("This process waits, and no other process can run.")
            current.free = free
            self.pause()
            current.free = None

    def run(self, turns: int = MAX_TURNS) -> None:
        """Run for up to `turns` turns, or until every process has ended; raise what one raises."""
        self._last_turn = self.turns + turns
        while self._waiting and self.turns < self._last_turn:
            self._turn()
        if self._waiting and turns == MAX_TURNS:
            raise EndlessRunError(f"{len(self._waiting)} processes still run after {turns} turns.")

    def _has_next_turn(self, current: "_Process") -> bool:
        """Return whether a process is the only one; it need not be switched from and to itself."""
        return len(self._waiting) == 1 and current.free is None and self.turns < self._last_turn

    def _turn(self) -> None:
        self.turns += 1
        runnable = self._next()
        try:
            runnable.switch()
        finally:
            if runnable.dead:
                self._waiting.remove(runnable)

    def _next(self) -> "_Process":
        ready = [runnable for runnable in self._waiting if runnable.free is None or runnable.free()]
        if not ready:
            raise EndlessRunError(f"{len(self._waiting)} processes wait for one another.")
        awake = [runnable for runnable in ready if runnable.wakes_at <= self.turns]
        if not awake:
            return min(ready, key=lambda runnable: runnable.wakes_at)
        return awake[0] if len(awake) == 1 else self._chance.choice(awake)


class _Process(greenlet.greenlet):
    """A process that can run when `free` returns True, and prefers to sleep until `wakes_at`."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(work)
        self.free: Free | None = None
        self.wakes_at = 0
