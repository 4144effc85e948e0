"""Wait for an entry while the projection makes progress; limit the waits while it does not.

While the projection is stopped, every read that waits for an entry would occupy the function that
writes need as well. So each wait that ended without its entry halves the waits of other merchants,
and the next reads of the same merchant do not wait. This ends with the first result that shows
progress of the projection, or after half a minute. An entry is reported as included only after the
read model was queried for it.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from chalicelib.ledger.balances import DailyBalance
from chalicelib.ledger.errors import NotFoundError
from chalicelib.queries.daily_balances import BalanceQuery, BalanceReads, balances
from chalicelib.queries.freshness import WAIT_SECONDS, Freshness, WaitPolicy

TTL_SECONDS = 30.0
MOST_UNSUCCESSFUL = 6
"""After this many unsuccessful waits no read waits; together these waited less than 4 s."""

Balances = tuple[list[DailyBalance], Freshness]


def balances_after(
    read_model: BalanceReads,
    query: BalanceQuery,
    recorded_at: Callable[[], datetime | None],
    limiter: "WaitLimiter",
) -> Balances:
    """Return the result of balances(), waiting for the entry `after` while that can help.

    `recorded_at` returns when the ledger recorded that entry (UTC), or None while the ledger does
    not respond; it raises NotFoundError when the merchant has no such entry, for which no read
    waits. Raises the errors of balances().
    """
    days, freshness = balances(read_model, query, WaitPolicy(seconds=0))
    limiter.observe(query.merchant_id, freshness.as_of)
    seconds = limiter.allowed_seconds(query.merchant_id)
    if freshness.complete is not False or not seconds:
        return days, freshness
    try:
        recorded = recorded_at()
    except NotFoundError:
        return days, freshness
    policy = WaitPolicy(seconds, limiter.clock, limiter.sleep)
    days, freshness = balances(read_model, query, policy)
    limiter.observe(query.merchant_id, freshness.as_of)
    if freshness.complete is False and recorded is not None:
        limiter.add(query.merchant_id, freshness.as_of, recorded)
    return days, freshness


class WaitLimiter:
    """The unsuccessful waits of the last half minute; safe under threads."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock = clock
        self.sleep = sleep
        self._lock = threading.Lock()
        self._waits: dict[str, _UnsuccessfulWait] = {}

    def allowed_seconds(self, merchant_id: str) -> float:
        """Return how long a read of this merchant may wait now; 0.0 means not at all."""
        with self._lock:
            now = self.clock()
            self._waits = {name: wait for name, wait in self._waits.items() if wait.until > now}
            if merchant_id in self._waits or len(self._waits) >= MOST_UNSUCCESSFUL:
                return 0.0
            return WAIT_SECONDS / 2.0 ** len(self._waits)

    def observe(self, merchant_id: str, as_of: datetime | None) -> None:
        """Forget all waits if the `as_of` of a merchant's result shows progress."""
        with self._lock:
            if any(wait.is_over(merchant_id, as_of) for wait in self._waits.values()):
                self._waits.clear()

    def add(self, merchant_id: str, as_of: datetime | None, recorded_at: datetime) -> None:
        """Add an unsuccessful wait: the last result's `as_of`, and when the entry was recorded."""
        if as_of is not None and as_of > recorded_at:
            return  # the projection is past this entry, so only this entry is missing
        with self._lock:
            until = self.clock() + TTL_SECONDS
            self._waits[merchant_id] = _UnsuccessfulWait(merchant_id, as_of, recorded_at, until)


class _UnsuccessfulWait(NamedTuple):
    merchant_id: str
    as_of: datetime | None
    recorded_at: datetime
    until: float

    def is_over(self, merchant_id: str, as_of: datetime | None) -> bool:
        """Return whether a result with this `as_of` shows that the projection made progress."""
        if merchant_id == self.merchant_id:
            return as_of != self.as_of
        return as_of is not None and as_of > self.recorded_at
