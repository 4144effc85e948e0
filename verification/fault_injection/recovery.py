"""How long it takes after a blow until all is well again: the newest entry shown, stores answering.

The clock starts at the blow, so it holds the rest of the writing with its retries.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from verification.fault_injection.consumer import Consumer
from verification.fault_injection.stores import postgres_answers, valkey_answers
from verification.local_cluster import ClusterDownError

_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be well again: an entry in its day's balance, within seconds of a moment."""

    entry_id: str
    day: str
    since: float
    within: float
    after: str

    def check(self, seconds: float) -> None:
        """Raise ClusterDownError when it took longer than it may."""
        if seconds > self.within:
            raise ClusterDownError(f"not well again within {self.within:.0f} s after: {self.after}")


def await_shown(consumer: Consumer, wanted: Wanted) -> None:
    """Wait until the entry is in its balance; raise ClusterDownError when it is too late."""
    path = f"/v1/daily-balances/{wanted.day}?after={wanted.entry_id}"

    def is_shown() -> bool:
        left = wanted.since + wanted.within - time.monotonic()
        return bool(consumer.get(path, max(0.0, left))["freshness"]["complete"])

    _await(is_shown, wanted)


def until_well(consumer: Consumer, wanted: Wanted) -> float:
    """Wait until the entry is shown and both stores answer; return the seconds since the blow.

    Raises ClusterDownError when it took longer than it may.
    """
    await_shown(consumer, wanted)
    _await(lambda: postgres_answers(consumer.laptop), wanted)
    return _await(lambda: valkey_answers(consumer.laptop), wanted)


def _await(is_so: Callable[[], bool], wanted: Wanted) -> float:
    while not is_so():
        wanted.check(time.monotonic() - wanted.since)
        time.sleep(_PAUSE_SECONDS)
    seconds = time.monotonic() - wanted.since
    wanted.check(seconds)  # the answer itself may have come too late
    return seconds
