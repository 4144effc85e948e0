"""One pass over one range of a consolidation run.

A pass ends before its function's time runs out and returns where the next one continues.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.closing.consolidate import (
    ConsolidationRun,
    Consolidator,
    Counts,
    merge_days,
    with_changed_days,
)
from chalicelib.closing.differences import agree
from chalicelib.closing.ports import ClosingKey, MerchantDays, Ports
from chalicelib.closing.ranges import SWEEP_SEGMENTS, MerchantRange, Range, SingleMerchant
from chalicelib.closing.reconcile import PROJECTION_GRACE, repair_newest
from chalicelib.ledger.entries import Entry, has_recorded_texts

PASS_DURATION = timedelta(minutes=10)
"""A pass starts nothing after this; what it has started ends within the function's 15 minutes."""
SWEEP_RUNS = 30
"""In this many consecutive runs, the sweep compares the whole table with the read model."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the next pass over a range continues, None at the end, and the counts so far."""

    next_after: str | None
    counts: Counts


def run_pass(ports: Ports, run: ConsolidationRun, part: Range, progress: Progress) -> Progress:
    """Continue a range for the duration of a pass; return the new progress.

    Raises when a store is unreachable; the same pass again does the rest.
    """
    this_pass = _Pass(ports, run)
    next_after = progress.next_after
    while (next_after := this_pass.step(part, next_after)) is not None and not this_pass.is_over():
        pass
    this_pass.consolidator.finish()
    return Progress(next_after, progress.counts.plus(this_pass.consolidator.counts))


class _Pass:
    def __init__(self, ports: Ports, run: ConsolidationRun) -> None:
        self._ports = ports
        self._run = run
        self._end = ports.clock() + PASS_DURATION
        self.consolidator = Consolidator(ports, run)

    def is_over(self) -> bool:
        """Return whether the pass has lasted long enough."""
        return self._ports.clock() >= self._end

    def step(self, part: Range, after: str | None) -> str | None:
        """Do one step of a range; return where the next one continues."""
        if isinstance(part, SingleMerchant):
            return self._consolidate_one(part.merchant_id)
        if isinstance(part, MerchantRange):
            return self._consolidate_page(part, after)
        return self._sweep_page(part.number, after)

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
        newest_day = (MerchantDays(merchant_id, (day,)) for merchant_id in ids)
        for merchant_id in read_model.wrong_newest(ids, day, SWEEP_RUNS):
            repair_newest(self._ports, merchant_id)
        inconsistent = read_model.inconsistent_days(ids, day, SWEEP_RUNS)
        for merchant in merge_days(merge_days(page, newest_day), inconsistent):
            keys = pending.get(merchant.merchant_id, ())
            if not self.consolidator.consolidate(merchant, keys, self.is_over):
                return after or ""  # None would be the end; every name is greater than ""
            after = merchant.merchant_id
            if self.is_over():  # a merchant whose closings are restored may take minutes
                return after
        return ids[-1]

    def _sweep_page(self, number: int, start: str | None) -> str | None:
        """Compare a page of the entries table with the read model; consolidate days that differ.

        Nothing else notices entries of long closed days that the read model has lost or altered,
        or that were never projected.
        """
        # Consecutive runs cover every segment, whichever of them is the first.
        segment = self._run.day.toordinal() % SWEEP_RUNS * SWEEP_SEGMENTS + number
        page = self._ports.ledger.segment(segment, SWEEP_RUNS * SWEEP_SEGMENTS, start)
        for merchant in _days_of(self._differing(page.entries)):
            self.consolidator.consolidate(self._with_earlier_days(merchant))
        return page.next_start

    def _with_earlier_days(self, merchant: MerchantDays) -> MerchantDays:
        """Return a merchant with the changed days that must be closed before its own."""
        last = max((day for day in merchant.days if day <= self._run.day), default=None)
        return with_changed_days(self._ports.read_model, merchant, last) if last else merchant

    def _differing(self, entries: Sequence[Entry]) -> list[Entry]:
        lately = self._ports.clock() - PROJECTION_GRACE
        rows = self._ports.read_model.rows([entry.entry_id for entry in entries])
        return [
            entry
            for entry in entries
            if entry.recorded_at < lately
            and not (agree(entry, rows.get(entry.entry_id)) and has_recorded_texts(entry))
        ]


def _days_of(entries: Iterable[Entry]) -> list[MerchantDays]:
    days: dict[str, set[date]] = {}
    for entry in entries:
        days.setdefault(entry.merchant_id, set()).add(entry.day)
    return [MerchantDays(merchant, tuple(sorted(days[merchant]))) for merchant in sorted(days)]
