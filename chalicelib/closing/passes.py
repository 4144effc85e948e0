"""One pass over one range of a consolidation run.

A pass ends before its function's time runs out and returns where the next one continues.
"""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.closing.consolidate import (
    MAX_CONSECUTIVE_FAILURES,
    Check,
    Consolidator,
    as_it_is,
)
from chalicelib.closing.consolidation_run import ConsolidationRun, Counts
from chalicelib.closing.errors import is_transient
from chalicelib.closing.idle_merchants import idle_merchants
from chalicelib.closing.merchant_days import merge_days, with_changed_days
from chalicelib.closing.ports import ClosingKey, MerchantDays, Ports
from chalicelib.closing.ranges import MerchantRange, Range, SingleMerchant
from chalicelib.closing.reconcile import repair_newest
from chalicelib.closing.sweep import SWEEP_NIGHTS, sweep_page

PASS_DURATION = timedelta(minutes=10)
"""A pass starts nothing after this; what it has started ends within the function's 15 minutes."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the next pass over a range continues, None at the end, and the counts so far."""

    next_after: str | None
    counts: Counts


def run_pass(ports: Ports, run: ConsolidationRun, part: Range, progress: Progress) -> Progress:
    """Continue a range for the duration of a pass; return the new progress.

    Raises when a store is unreachable; the same pass again does the rest.
    """
    # The one merchant of a run has the retries of the state machine, which take minutes.
    patience = 1 if isinstance(part, SingleMerchant) else MAX_CONSECUTIVE_FAILURES
    this_pass = _Pass(ports, run, patience)
    next_after = progress.next_after
    while (next_after := this_pass.step(part, next_after)) is not None and not this_pass.is_over():
        pass
    this_pass.consolidator.finish()
    return Progress(next_after, progress.counts.plus(this_pass.consolidator.counts))


class _Pass:
    def __init__(self, ports: Ports, run: ConsolidationRun, patience: int) -> None:
        self._ports = ports
        self._run = run
        self._end = ports.clock() + PASS_DURATION
        self.consolidator = Consolidator(ports, run, patience)

    def is_over(self) -> bool:
        """Return whether the pass has lasted long enough."""
        return self._ports.clock() >= self._end

    def step(self, part: Range, after: str | None) -> str | None:
        """Do one step of a range; return where the next one continues."""
        if isinstance(part, SingleMerchant):
            return self._consolidate_one(part.merchant_id)
        if isinstance(part, MerchantRange):
            return self._consolidate_page(part, after)
        is_more_due = sweep_page(self._ports, self._run, part.number, self.consolidator)
        return "more is due" if is_more_due else None

    def _consolidate_one(self, merchant_id: str) -> str | None:
        pending = self._ports.read_model.pending([merchant_id])
        merchant = MerchantDays(merchant_id, (self._run.day,))
        merchant = with_changed_days(self._ports.read_model, merchant, self._run.day)
        if self.consolidator.consolidate(merchant, pending, self.is_over):
            return None
        return merchant_id

    def _consolidate_page(self, part: MerchantRange, after: str | None) -> str | None:
        read_model, day = self._ports.read_model, self._run.day
        page = read_model.merchants(part.first, part.before, after, day)
        ids = [merchant.merchant_id for merchant in page]
        if not ids:
            return None
        pending: dict[str, list[ClosingKey]] = {}
        for key in read_model.pending(ids):
            pending.setdefault(key[0], []).append(key)
        page = merge_days(page, (MerchantDays(merchant_id, (day,)) for merchant_id in ids))
        page, check = self._checked(page)
        idle = idle_merchants(self._ports, self._run, page, pending) if check is as_it_is else ()
        for merchant in page:
            keys = pending.get(merchant.merchant_id, ())
            if merchant.merchant_id in idle:
                self.consolidator.pass_over(merchant.merchant_id)
            elif not self.consolidator.consolidate(merchant, keys, self.is_over, check):
                return after or ""  # None would be the end; every name is greater than ""
            after = merchant.merchant_id
            if self.is_over():  # a merchant whose closings are restored may take minutes
                return after
        return ids[-1]

    def _checked(self, page: list[MerchantDays]) -> tuple[list[MerchantDays], Check]:
        """Return the merchants with their inconsistent days, and how each is still to be checked.

        A statement over all of them fails on the rows of one. Then each is checked alone, and only
        that one fails.
        """
        try:
            return self._with_inconsistent_days(page), as_it_is
        except Exception as error:
            if is_transient(error):
                raise
        return page, lambda merchant: self._with_inconsistent_days([merchant])[0]

    def _with_inconsistent_days(self, page: list[MerchantDays]) -> list[MerchantDays]:
        """Return the merchants with the inconsistent days among those that are checked tonight.

        These are every thirtieth day, counted back from this run's and from each missed run's day.
        """
        read_model = self._ports.read_model
        nights = {merchant.merchant_id: self._nights(merchant) for merchant in page}
        for back in range(max(nights.values())):
            ids = [merchant_id for merchant_id, missed in nights.items() if missed > back]
            until = self._run.day - timedelta(back)
            for merchant_id in read_model.wrong_newest(ids, until, SWEEP_NIGHTS):
                repair_newest(self._ports, merchant_id)
            page = merge_days(page, read_model.inconsistent_days(ids, until, SWEEP_NIGHTS))
        return page

    def _nights(self, merchant: MerchantDays) -> int:
        """Return for how many nights a merchant is checked: more than 1 if runs were missed."""
        until = merchant.reconciled_until
        missed = (self._run.day - until).days if until else 1
        return min(max(missed, 1), SWEEP_NIGHTS)
