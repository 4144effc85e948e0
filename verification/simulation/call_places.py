"""Where the calls to ports come from: lines of the code, the scenario's step, and processes."""

import sys
from collections.abc import Iterator
from types import FrameType

from verification.simulation.world import World

Place = tuple[object, ...]


class CallPlaces:
    """The numbers of calls by place: the first of a process (`begins`), and two of each place.

    `outer` are the first and the last call of a place, which may be one. A place is the line that
    calls a port, the lines of its callers, and the scenario's step.
    """

    def __init__(self) -> None:
        self.begins: dict[Place, int] = {}
        self.outer: dict[Place, tuple[int, int]] = {}
        self._calls = 0
        self._step: Place = ()
        self._running: FrameType | None = None

    def begin_step(self) -> None:
        """Begin the step that the caller's line is."""
        self._step = tuple(_lines(sys._getframe(1)))

    def add(self) -> None:
        """Add a call, which the caller's callers make."""
        frame = sys._getframe(1)
        place, invocation = (*_lines(frame), *self._step), _invocation(frame)
        if invocation is not self._running:
            self._running = invocation
            self.begins.setdefault(place, self._calls)
        first, _ = self.outer.get(place, (self._calls, 0))
        self.outer[place] = first, self._calls
        self._calls += 1


def _lines(frame: FrameType | None) -> Iterator[object]:
    while frame is not None:
        yield frame.f_code, frame.f_lineno
        frame = frame.f_back


def _invocation(frame: FrameType) -> FrameType:
    """Return the frame of the call that runs as a process."""
    while frame.f_code is not World.invoke.__code__ and frame.f_back is not None:
        frame = frame.f_back
    return frame
