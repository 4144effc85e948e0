"""Consolidate merchants one by one; a failure stops only its own day and is logged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any

from chalicelib import observability
from chalicelib.closing.close_day import ClosedDay, close_day
from chalicelib.closing.errors import DayClosingError, OpeningMismatchError, SealMismatchError
from chalicelib.closing.outbox import EVENTS_AT_ONCE, announce, archive_pending
from chalicelib.closing.ports import ClosingKey, MerchantDays, Ports
from chalicelib.closing.reconcile import reconcile
from chalicelib.ledger.errors import LivroCaixaError

MAX_CONSECUTIVE_FAILURES = 10
"""After a store failed for this many consecutive merchants, it is considered down. A merchant that
fails with a DayClosingError does not count."""


@dataclass(frozen=True, slots=True)
class ConsolidationRun:
    """The name of a run's execution, and the newest day that it closes."""

    name: str
    day: date


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of merchants consolidated, days closed, lines repaired and merchants failed."""

    merchants: int = 0
    closed: int = 0
    repaired: int = 0
    failed: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Return the sums of both."""
        return Counts(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


class Consolidator:
    """Closes the days of merchants, and announces closed days a few at a time."""

    def __init__(self, ports: Ports, run: ConsolidationRun) -> None:
        self._ports = ports
        self._run = run
        self._to_announce: list[Mapping[str, Any]] = []
        self._consecutive_failures = 0
        self.counts = Counts()

    def consolidate(self, merchant: MerchantDays, pending: Iterable[ClosingKey] = ()) -> None:
        """Archive a merchant's pending closings and close its days, in order.

        A day that fails is logged and stops no other. Raises a store's error once it has failed for
        MAX_CONSECUTIVE_FAILURES merchants, and what announce() raises.
        """
        errors = [error for key in pending if (error := self._archive_pending(merchant, key))]
        errors += [error for day in merchant.days if (error := self._close(merchant, day))]
        self.counts = self.counts.plus(Counts(merchants=1, failed=1 if errors else 0))
        store_errors = [error for error in errors if not isinstance(error, DayClosingError)]
        self._consecutive_failures = self._consecutive_failures + 1 if store_errors else 0
        if len(self._to_announce) >= EVENTS_AT_ONCE:
            self.finish()
        if self._consecutive_failures >= MAX_CONSECUTIVE_FAILURES:
            raise store_errors[-1]

    def finish(self) -> None:
        """Announce the closed days that are archived and not announced yet."""
        announce(self._ports, self._to_announce)
        self._to_announce = []

    def _archive_pending(self, merchant: MerchantDays, key: ClosingKey) -> Exception | None:
        try:
            try:
                item = archive_pending(self._ports, key)
            except SealMismatchError:
                # Its rows were altered before it was archived; the ledger has what was sealed.
                item, _ = self._ports.read_model.closing(key)
                repaired = self._reconcile(item["merchant"], date.fromisoformat(item["day"]))
                self.counts = self.counts.plus(Counts(repaired=repaired))
                item = archive_pending(self._ports, key)
        except Exception as error:
            return _log_failure(merchant, None, error)
        self._to_announce.append(item)
        return None

    def _close(self, merchant: MerchantDays, day: date) -> Exception | None:
        try:
            closed = self._closed(merchant.merchant_id, day)
        except Exception as error:
            return _log_failure(merchant, day, error)
        if closed.sealed is not None:
            self._to_announce.append(closed.sealed.item)
        self.counts = self.counts.plus(
            Counts(closed=int(closed.sealed is not None), repaired=closed.repaired)
        )
        return None

    def _closed(self, merchant_id: str, day: date) -> ClosedDay:
        if day > self._run.day:  # a day that is not over is repaired and not closed
            return ClosedDay(None, self._reconcile(merchant_id, day))
        try:
            return close_day(self._ports, merchant_id, day, self._run.name)
        except OpeningMismatchError:
            # Rows or totals of an earlier day were altered; its own closings show which.
            repaired = sum(
                self._reconcile(merchant_id, earlier)
                for merchant in self._ports.read_model.inconsistent_days([merchant_id], day, 1)
                for earlier in merchant.days
            )
            closed = close_day(self._ports, merchant_id, day, self._run.name)
            return ClosedDay(closed.sealed, closed.repaired + repaired)

    def _reconcile(self, merchant_id: str, day: date) -> int:
        return reconcile(self._ports, merchant_id, day, self._run.name).repaired


def merge_days(
    merchants: Sequence[MerchantDays], more: Iterable[MerchantDays]
) -> list[MerchantDays]:
    """Return the merchants with further days merged into theirs, each once and oldest first."""
    further = {merchant.merchant_id: merchant.days for merchant in more}
    return [
        MerchantDays(
            merchant.merchant_id,
            tuple(sorted({*merchant.days, *further.get(merchant.merchant_id, ())})),
        )
        for merchant in merchants
    ]


def _log_failure(merchant: MerchantDays, day: date | None, error: Exception) -> Exception:
    observability.log(
        "merchant_failed",
        merchant=observability.merchant_hash(merchant.merchant_id),
        day=day,
        # A library's message may quote a row; this project's errors name only days and ids.
        reason=error.detail if isinstance(error, LivroCaixaError) else None,
        **observability.describe_error(error),
    )
    return error
