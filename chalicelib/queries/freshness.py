"""How new an answer is, and waiting a little for an entry that was recorded a moment ago."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

WAIT_SECONDS = 2.0
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.2


class Freshness(NamedTuple):
    """What the read model knew when it answered.

    `as_of` is when the newest entry of the merchant that it holds was recorded (UTC), None where it
    holds none; `complete` says whether the entry that was asked for is in, None if none was.
    """

    as_of: datetime | None
    complete: bool | None = None


class WaitPolicy(NamedTuple):
    """How long to wait for an entry, by which clock, in seconds."""

    seconds: float = WAIT_SECONDS
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def read_until_complete(read: "Callable[[], Answer]", patience: WaitPolicy) -> "Answer":
    """Read, and read again until the entry asked for is in or patience ends; return the last.

    An entry that does not exist, or is another merchant's, is waited for like a late one.
    """
    end = patience.clock() + patience.seconds
    pause = _FIRST_PAUSE
    answer = read()
    while answer.freshness.complete is False:
        left = end - patience.clock()
        if left <= 0:
            break
        patience.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)
        answer = read()
    return answer


class _Fresh(Protocol):
    @property
    def freshness(self) -> Freshness: ...


Answer = TypeVar("Answer", bound=_Fresh)
