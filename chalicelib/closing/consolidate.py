"""Consolidate merchants one by one, each oldest day first.

A day is sealed only on top of reconciled days. So nothing of a merchant is closed after a day that
failed; other merchants go on, and the next run begins at that day.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chalicelib import observability
from chalicelib.closing.close_day import close_day
from chalicelib.closing.consolidation_run import ConsolidationRun, Counts
from chalicelib.closing.deliveries import Deliveries
from chalicelib.closing.errors import (
    DayClosingError,
    OpeningMismatchError,
    SealMismatchError,
    is_transient,
)
from chalicelib.closing.lateness import check_projected
from chalicelib.closing.merchant_days import merge_days, with_changed_days
from chalicelib.closing.outbox import archive_pending
from chalicelib.closing.ports import ClosingKey, MerchantDays, Ports
from chalicelib.closing.reconcile import reconcile
from chalicelib.closing.signed_chain import SignedChain
from chalicelib.ledger.errors import LivroCaixaError

MAX_CONSECUTIVE_FAILURES = 10
"""After a store failed for this many consecutive merchants, it is considered down. A merchant that
fails with a DayClosingError does not count."""
RETRY_PAUSES: Sequence[float] = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds to wait before a merchant is tried again, after a transient error."""

Check = Callable[[MerchantDays], MerchantDays]
"""Adds the days of a merchant that contradict others."""


def never() -> bool:
    """Return False: the time is not limited."""
    return False


def as_it_is(merchant: MerchantDays) -> MerchantDays:
    """Return the merchant: no further days are looked for."""
    return merchant


@dataclass
class _Work:
    """What is left to do for a merchant: None where it is not read yet."""

    merchant: MerchantDays
    pending: list[ClosingKey] | None
    check: Check
    days: list[date] | None = None


class Consolidator:
    """Closes the days of merchants; announces days and notes merchants a few at a time."""

    def __init__(
        self, ports: Ports, run: ConsolidationRun, patience: int = MAX_CONSECUTIVE_FAILURES
    ) -> None:
        self._ports = ports
        self._run = run
        self._patience = patience
        self._deliveries = Deliveries(ports, run.day, RETRY_PAUSES)
        self._consecutive_failures = 0
        self._chain = SignedChain()
        self.counts = Counts()

    def consolidate(
        self,
        merchant: MerchantDays,
        pending: Iterable[ClosingKey] = (),
        is_over: Callable[[], bool] = never,
        check: Check = as_it_is,
    ) -> bool:
        """Archive a merchant's pending closings, then close its days, oldest first.

        Its days are the given ones, those that `check` adds, and those with entries since it was
        reconciled. A failure, of `check` too, is logged and ends the merchant's days. Returns False
        where `is_over` became true before the last day; what is left of the merchant is then done
        by the next pass. Raises a store's error once it has failed for as many merchants as
        `patience` says.
        """
        work = _Work(merchant, list(pending), check)
        is_in_time, error = self._work_off(work, is_over)
        if not is_in_time:
            return False
        self.counts = self.counts.plus(Counts(merchants=1, failed=1 if error else 0))
        is_store_error = error is not None and not isinstance(error, DayClosingError)
        self._consecutive_failures = self._consecutive_failures + 1 if is_store_error else 0
        if error is not None and self._consecutive_failures >= self._patience:
            raise error
        return True

    def pass_over(self, merchant_id: str) -> None:
        """Count and note a merchant that is reconciled as it is (idle_merchants.py)."""
        self.counts = self.counts.plus(Counts(merchants=1))
        self._consecutive_failures = 0
        self._deliveries.note_reconciled(merchant_id)

    def finish(self) -> None:
        """Announce the days that are archived, and note the merchants that are reconciled.

        Where a merchant alone is consolidated, raises the error that prevented it. Else counts each
        kind as failed once: the run that follows a failed one does the rest.
        """
        self._deliveries.finish()
        failures = list(self._deliveries.failures.values())
        if failures and self._patience == 1:  # the state machine repeats the pass
            raise failures[0]
        self.counts = self.counts.plus(Counts(failed=len(failures)))

    def _work_off(self, work: _Work, is_over: Callable[[], bool]) -> tuple[bool, Exception | None]:
        """Do a merchant's work, trying again after transient errors.

        Returns False while work is left for the next pass, and the error that ended the work.
        """
        pauses = iter(RETRY_PAUSES)
        while True:
            try:
                return self._attempt(work, is_over), None
            except Exception as error:
                seconds = next(pauses, None) if is_transient(error) else None
                _log_failure(
                    work, error, "merchant_failed" if seconds is None else "merchant_retried"
                )
                if seconds is None:
                    return True, error
            self._ports.pause(seconds)
            work.pending = None  # a closing whose response was lost may be pending

    def _attempt(self, work: _Work, is_over: Callable[[], bool]) -> bool:
        merchant, late_before = work.merchant, self._run.late_before
        if late_before is not None:
            ledger, read_model = self._ports.ledger, self._ports.read_model
            check_projected(ledger, read_model, self._run.day, merchant.merchant_id, late_before)
        if work.pending is None:
            work.pending = self._ports.read_model.pending([merchant.merchant_id])
        while work.pending:
            self._archive_pending(work.pending[0])
            work.pending.pop(0)
            if is_over():
                return False
        if work.days is None:
            work.days = self._days(work.check(merchant))
        while work.days:
            self._close(merchant.merchant_id, work.days[0])
            work.days.pop(0)
            if work.days and is_over():
                return False
        if self._run.day in merchant.days:
            self._deliveries.note_reconciled(merchant.merchant_id)
        return True

    def _days(self, merchant: MerchantDays) -> list[date]:
        """Return the merchant's days, and those with entries since it was reconciled."""
        over, after = [d for d in merchant.days if d <= self._run.day], merchant.reconciled_until
        further: list[date] = []
        if over and (after is None or (max(over) - after).days > 1):
            further = self._ports.ledger.days_between(merchant.merchant_id, after, max(over))
        return sorted({*merchant.days, *further})

    def _archive_pending(self, key: ClosingKey) -> None:
        try:
            item = archive_pending(self._ports, key)
        except SealMismatchError:
            # Its rows were altered before it was archived; the ledger has what was sealed.
            item, _ = self._ports.read_model.closing(key)
            self._reconcile(item["merchant"], date.fromisoformat(item["day"]))
            item = archive_pending(self._ports, key)
        self._deliveries.announce(item)

    def _close(self, merchant_id: str, day: date) -> None:
        if day > self._run.day:  # a day that is not over is repaired and not closed
            return self._reconcile(merchant_id, day)
        try:
            return self._seal(merchant_id, day)
        except OpeningMismatchError as mismatch:
            unclosed = mismatch.unclosed
        self._close_earlier_days(merchant_id, day, unclosed)
        try:
            return self._seal(merchant_id, day)
        except OpeningMismatchError:
            pass  # not for want of a closing, so the stored sums are wrong
        self._ports.read_model.recompute_sealed(merchant_id)
        self._ports.repair([merchant_id], [])
        return self._seal(merchant_id, day)

    def _seal(self, merchant_id: str, day: date) -> None:
        closed = close_day(self._ports, merchant_id, day, self._run.name, self._chain)
        if closed.sealed is not None:
            self._deliveries.announce(closed.sealed.item)
        self._count(closed=int(closed.sealed is not None), repaired=closed.repaired)

    def _close_earlier_days(
        self, merchant_id: str, until: date, unclosed: tuple[date, ...]
    ) -> None:
        """Close earlier days: those that the mismatch names, and those that may have caused it.

        The rows or totals of a day may have been altered, or its mark may be lost. Days that
        changed since the run read the changed days may be wrong, too.
        """
        read_model, merchant = self._ports.read_model, MerchantDays(merchant_id, unclosed)
        changed = with_changed_days(read_model, merchant, until)
        inconsistent = read_model.inconsistent_days([merchant_id], until, 1)
        for day in merge_days([changed], inconsistent)[0].days:
            if day < until:
                self._close(merchant_id, day)

    def _reconcile(self, merchant_id: str, day: date) -> None:
        self._count(repaired=reconcile(self._ports, merchant_id, day, self._run.name).repaired)

    def _count(self, closed: int = 0, repaired: int = 0) -> None:
        self.counts = self.counts.plus(Counts(closed=closed, repaired=repaired))


def _log_failure(work: _Work, error: Exception, event: str) -> None:
    observability.log(
        event,
        merchant=observability.merchant_hash(work.merchant.merchant_id),
        day=work.days[0] if work.days else None,
        # A library's message may quote a row; this project's errors name only days and ids.
        reason=error.detail if isinstance(error, LivroCaixaError) else None,
        **observability.describe_error(error),
    )
