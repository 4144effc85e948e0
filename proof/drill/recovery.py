"""How long it takes after a blow until all is well again: the newest entry shown, stores answering.

The clock starts at the blow, so it holds the rest of the writing with its retries.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from proof.drill.consumer import Consumer
from proof.drill.stores import postgres_answers, valkey_answers
from proof.laptop import CloudFell

_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Well:
    """When the newest entry was shown, and when the stores had answered too (monotonic)."""

    shown_at: float
    at: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be well again: an entry in its day's balance, within seconds of a blow."""

    entry_id: str
    day: str
    blow_at: float
    within: float
    after: str

    def check(self, seconds: float) -> None:
        """Raise CloudFell when it took longer than it may."""
        if seconds > self.within:
            raise CloudFell(f"not well again within {self.within:.0f} s after: {self.after}")


def until_well(consumer: Consumer, wanted: Wanted) -> Well:
    """Wait until the entry is shown and both stores answer; raise CloudFell when it is too late."""
    path = f"/v1/daily-balances/{wanted.day}?after={wanted.entry_id}"

    def is_shown() -> bool:
        left = wanted.blow_at + wanted.within - time.monotonic()
        return bool(consumer.get(path, max(0.0, left))["freshness"]["complete"])

    shown_at = _await(is_shown, wanted)
    _await(lambda: postgres_answers(consumer.laptop), wanted)
    return Well(shown_at, _await(lambda: valkey_answers(consumer.laptop), wanted))


def _await(is_so: Callable[[], bool], wanted: Wanted) -> float:
    while not is_so():
        wanted.check(time.monotonic() - wanted.blow_at)
        time.sleep(_PAUSE_SECONDS)
    at = time.monotonic()
    wanted.check(at - wanted.blow_at)  # the answer itself may have come too late
    return at
