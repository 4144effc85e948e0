"""Waiting for an entry, while the projection moves: who waited in vain is remembered for a while.

While the projection stands still, each read that waits for an entry would hold the function that
writes need too. So each wait that ended without its entry halves those of other merchants that
follow, and its own merchant's next reads look once. That ends with the first look which shows that
the projection moved, or after half a minute. What is told to be in was always looked for.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from chalicelib.ledger.balances import DailyBalance
from chalicelib.ledger.errors import NotFoundError
from chalicelib.queries.daily_balances import BalanceQuery, BalanceReads, balances
from chalicelib.queries.freshness import WAIT_SECONDS, Freshness, WaitPolicy

REMEMBERED_SECONDS = 30.0
MOST_REMEMBERED = 6
"""After so many nobody waits, so no more can come: together they waited less than 4 s."""

Balances = tuple[list[DailyBalance], Freshness]


@lru_cache(maxsize=1)
def of_this_process() -> "WaitLimiter":
    """Return what this process remembers."""
    return WaitLimiter()


def balances_after(
    read_model: BalanceReads,
    question: BalanceQuery,
    recorded_at: Callable[[], datetime | None],
    waits: "WaitLimiter",
) -> Balances:
    """Return balances as balances() does, waiting for the entry `after` while that can help.

    `recorded_at` asks the ledger when that entry was recorded (UTC): None where it does not answer,
    NotFoundError where this merchant has no such entry, for which nobody waits. Raises what
    balances() raises.
    """
    result, freshness = balances(read_model, question, WaitPolicy(seconds=0))
    waits.saw(question.merchant_id, freshness.as_of)
    seconds = waits.seconds_left_to(question.merchant_id)
    if freshness.complete is not False or not seconds:
        return result, freshness
    try:
        recorded = recorded_at()
    except NotFoundError:
        return result, freshness
    patience = WaitPolicy(seconds, waits.clock, waits.sleep)
    result, freshness = balances(read_model, question, patience)
    waits.saw(question.merchant_id, freshness.as_of)
    if freshness.complete is False and recorded is not None:
        waits.add(question.merchant_id, freshness.as_of, recorded)
    return result, freshness


class WaitLimiter:
    """The waits of the last half minute that were in vain; threads share it."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock = clock
        self.sleep = sleep
        self._lock = threading.Lock()
        self._waits: dict[str, _VainWait] = {}

    def seconds_left_to(self, merchant_id: str) -> float:
        """Return how long a read of this merchant may wait now, 0.0 for not at all."""
        with self._lock:
            now = self.clock()
            self._waits = {one: wait for one, wait in self._waits.items() if wait.until > now}
            if merchant_id in self._waits or len(self._waits) >= MOST_REMEMBERED:
                return 0.0
            return WAIT_SECONDS / 2.0 ** len(self._waits)

    def saw(self, merchant_id: str, as_of: datetime | None) -> None:
        """Take note of how new a merchant's answer was; forget all waits if that shows progress."""
        with self._lock:
            if any(wait.is_over(merchant_id, as_of) for wait in self._waits.values()):
                self._waits.clear()

    def add(self, merchant_id: str, as_of: datetime | None, recorded_at: datetime) -> None:
        """Remember a wait in vain: how new the last answer was, when the entry was recorded."""
        if as_of is not None and as_of > recorded_at:
            return  # the projection is past it: this entry alone is missing
        with self._lock:
            until = self.clock() + REMEMBERED_SECONDS
            self._waits[merchant_id] = _VainWait(merchant_id, as_of, recorded_at, until)


class _VainWait(NamedTuple):
    merchant_id: str
    as_of: datetime | None
    recorded_at: datetime
    until: float

    def is_over(self, merchant_id: str, as_of: datetime | None) -> bool:
        """Say whether an answer this new shows that the projection moved since."""
        if merchant_id == self.merchant_id:
            return as_of != self.as_of
        return as_of is not None and as_of > self.recorded_at
