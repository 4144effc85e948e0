"""Consolidate merchants one by one: whatever fails stops its own day alone, and is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from chalicelib import observability
from chalicelib.closing.close_day import ClosedDay, close_day
from chalicelib.closing.errors import DayClosingError, OpeningMismatchError, SealMismatchError
from chalicelib.closing.outbox import EVENTS_AT_ONCE, announce, archive, archive_left_over
from chalicelib.closing.ports import ClosingKey, MerchantDays, Ports
from chalicelib.closing.reconcile import reconcile
from chalicelib.ledger.errors import LivroCaixaError

MAX_CONSECUTIVE_FAILURES = 10
"""For so many merchants one after the other a store failed: it is down, and no fault of theirs.
A merchant whose own books are refused does not count, however many of them are neighbours."""


@dataclass(frozen=True, slots=True)
class Night:
    """What a run is about: its execution's name, and the newest day that it closes."""

    run: str
    day: date


@dataclass(frozen=True, slots=True)
class Counts:
    """How many merchants were gone through, days closed, lines repaired and merchants failed."""

    merchants: int = 0
    closed: int = 0
    repaired: int = 0
    failed: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Return the sums of both."""
        return Counts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


class Consolidator:
    """Goes through merchants, and tells of closed days a few at a time."""

    def __init__(self, ports: Ports, night: Night) -> None:
        self._ports = ports
        self._night = night
        self._waiting: list[Mapping[str, Any]] = []
        self._failed_in_a_row = 0
        self.counts = Counts()

    def consolidate(self, merchant: MerchantDays, left_over: Iterable[ClosingKey] = ()) -> None:
        """Deliver what is left over of a merchant and close its days, in order.

        A day that fails is told and stops no other. Raises a store's error after it has failed for
        so many merchants in a row that it must be down, and what announce() raises.
        """
        errors = [error for key in left_over if (error := self._deliver(merchant, key))]
        errors += [error for day in merchant.days if (error := self._close(merchant, day))]
        self.counts = self.counts.plus(Counts(merchants=1, failed=1 if errors else 0))
        by_stores = [error for error in errors if not isinstance(error, DayClosingError)]
        self._failed_in_a_row = self._failed_in_a_row + 1 if by_stores else 0
        if len(self._waiting) >= EVENTS_AT_ONCE:
            self.finish()
        if self._failed_in_a_row >= MAX_CONSECUTIVE_FAILURES:
            raise by_stores[-1]

    def finish(self) -> None:
        """Tell of the closed days that are waiting."""
        announce(self._ports, self._waiting)
        self._waiting = []

    def _deliver(self, merchant: MerchantDays, key: ClosingKey) -> Exception | None:
        try:
            self._waiting.append(self._delivered(key))
        except Exception as error:
            return _told(merchant, None, error)
        return None

    def _delivered(self, key: ClosingKey) -> Mapping[str, Any]:
        try:
            return archive_left_over(self._ports, key)
        except SealMismatchError:
            # Its rows were altered before it was kept; the ledger still has what was sealed.
            item, _ = self._ports.books.closing(key)
            day = date.fromisoformat(item["day"])
            repair = reconcile(self._ports, item["merchant"], day, self._night.run)
            self.counts = self.counts.plus(Counts(repaired=repair.repaired))
            return archive_left_over(self._ports, key)

    def _close(self, merchant: MerchantDays, day: date) -> Exception | None:
        try:
            closed = self._closed(merchant.merchant_id, day)
            if closed.sealed is not None:
                archive(self._ports, closed.sealed.item, closed.sealed.leaves)
                self._waiting.append(closed.sealed.item)
        except Exception as error:
            return _told(merchant, day, error)
        self.counts = self.counts.plus(
            Counts(closed=int(closed.sealed is not None), repaired=closed.repaired)
        )
        return None

    def _closed(self, merchant_id: str, day: date) -> ClosedDay:
        if day > self._night.day:  # a day that is not over is put right and not closed
            return ClosedDay(
                None, reconcile(self._ports, merchant_id, day, self._night.run).repaired
            )
        try:
            return close_day(self._ports, merchant_id, day, self._night.run)
        except OpeningMismatchError:
            # An earlier day's rows or totals were altered; they are found by their own seals.
            repaired = self._put_earlier_right(merchant_id, day)
            closed = close_day(self._ports, merchant_id, day, self._night.run)
            return ClosedDay(closed.sealed, closed.repaired + repaired)

    def _put_earlier_right(self, merchant_id: str, day: date) -> int:
        return sum(
            reconcile(self._ports, merchant_id, earlier, self._night.run).repaired
            for merchant in self._ports.books.doubtful_days([merchant_id], day, 1)
            for earlier in merchant.days
        )


def merge_days(
    merchants: Sequence[MerchantDays], more: Iterable[MerchantDays]
) -> list[MerchantDays]:
    """Return the merchants with further days among theirs, each once and oldest first."""
    further = {one.merchant_id: one.days for one in more}
    return [
        MerchantDays(
            merchant.merchant_id,
            tuple(sorted({*merchant.days, *further.get(merchant.merchant_id, ())})),
        )
        for merchant in merchants
    ]


def _told(merchant: MerchantDays, day: date | None, error: Exception) -> Exception:
    observability.log(
        "merchant_failed",
        merchant=observability.merchant_hash(merchant.merchant_id),
        day=day,
        # A library's message may quote a row; our own refusals name days, accounts and entry ids.
        reason=error.detail if isinstance(error, LivroCaixaError) else None,
        **observability.describe_error(error),
    )
    return error
