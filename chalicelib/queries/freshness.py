"""How recent a result is, and a short wait for an entry that was recorded a moment ago."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

WAIT_SECONDS = 2.0
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 0.2


class Freshness(NamedTuple):
    """What the read model included when it responded.

    `as_of` is when the merchant's newest entry in the read model was recorded (UTC), None without
    entries. `complete` says whether the entry of the query's `after` is included, None without it.
    """

    as_of: datetime | None
    complete: bool | None = None


class WaitPolicy(NamedTuple):
    """How long to wait for an entry, in seconds of `clock`."""

    seconds: float = WAIT_SECONDS
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def read_until_complete(read: "Callable[[], Rows]", policy: WaitPolicy) -> "Rows":
    """Read until the entry of `after` is included or the time is over; return the last result.

    An entry that does not exist, or is another merchant's, is waited for like a late one.
    """
    end = policy.clock() + policy.seconds
    pause = _FIRST_PAUSE
    rows = read()
    while rows.freshness.complete is False:
        remaining = end - policy.clock()
        if remaining <= 0:
            break
        policy.sleep(min(pause, remaining))
        pause = min(2 * pause, _LONGEST_PAUSE)
        rows = read()
    return rows


class _Fresh(Protocol):
    @property
    def freshness(self) -> Freshness: ...


Rows = TypeVar("Rows", bound=_Fresh)
