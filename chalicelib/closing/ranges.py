"""The night's work, range by range: one pass over one of them.

A range is of merchants, in the order of their ids, or a segment of the ledger's sweep. A pass ends
before its function's time runs out and tells where the next one goes on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from chalicelib.closing.consolidate import Consolidator, Counts, Night, merge_days
from chalicelib.closing.planning import MERCHANT_RANGES, SWEEP_RANGES, plan
from chalicelib.closing.ports import ClosingKey, MerchantDays, Ports
from chalicelib.closing.sweep import SWEEP_NIGHTS, sweep_page

__all__ = [
    "MERCHANT_RANGES",
    "PASS_DURATION",
    "SWEEP_RANGES",
    "Progress",
    "Range",
    "plan",
    "run_pass",
]

PASS_DURATION = timedelta(minutes=10)
"""A pass begins nothing more after this; what it began ends within the function's 15 minutes."""

Range = Mapping[str, Any]
IsOver = Callable[[], bool]
"""Says whether the pass has lasted long enough."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a range stands: where the next pass goes on, None at the end, and its counts so far."""

    next_after: str | None
    counts: Counts


def run_pass(ports: Ports, night: Night, part: Range, progress: Progress) -> Progress:
    """Go on with a range for the length of a pass; return where it stands then.

    Raises when a store is out of reach; the same pass again does the rest.
    """
    consolidator = Consolidator(ports, night)
    end = ports.clock() + PASS_DURATION

    def is_over() -> bool:
        return ports.clock() >= end

    work = _work(ports, night, part, consolidator, is_over)
    next_after = progress.next_after
    while (next_after := work(next_after)) is not None and not is_over():
        pass
    consolidator.finish()
    return Progress(next_after, progress.counts.plus(consolidator.counts))


def _work(
    ports: Ports, night: Night, part: Range, consolidator: Consolidator, is_over: IsOver
) -> Callable[[str | None], str | None]:
    """Return what does one step of a range, given where the last one ended."""
    if "merchant" in part:
        return lambda _after: _one(ports, night, str(part["merchant"]), consolidator)
    if "sweep" in part:
        number = _segment(night.day, int(part["sweep"]))
        segments = SWEEP_NIGHTS * SWEEP_RANGES
        return lambda after: sweep_page(ports, number, segments, after, consolidator)
    return lambda after: _page(ports, night, part, after, consolidator, is_over)


def _one(ports: Ports, night: Night, merchant_id: str, consolidator: Consolidator) -> None:
    left_over = ports.books.undelivered([merchant_id])
    consolidator.consolidate(MerchantDays(merchant_id, (night.day,)), left_over)


def _page(
    ports: Ports,
    night: Night,
    part: Range,
    after: str | None,
    consolidator: Consolidator,
    is_over: IsOver,
) -> str | None:
    page = ports.books.merchants(part["first"], part["before"], after, night.day)
    ids = [merchant.merchant_id for merchant in page]
    if not ids:
        return None
    left_over: dict[str, list[ClosingKey]] = {}
    for key in ports.books.undelivered(ids):
        left_over.setdefault(key[0], []).append(key)
    tonight = (MerchantDays(merchant_id, (night.day,)) for merchant_id in ids)
    doubtful = ports.books.doubtful_days(ids, night.day, SWEEP_NIGHTS)
    for merchant in merge_days(merge_days(page, tonight), doubtful):
        consolidator.consolidate(merchant, left_over.get(merchant.merchant_id, ()))
        if is_over():  # a merchant whose closings come back may take minutes
            return merchant.merchant_id
    return ids[-1]


def _segment(day: date, number: int) -> int:
    # Thirty nights in a row go through every segment, whichever night is the first of them.
    return day.toordinal() % SWEEP_NIGHTS * SWEEP_RANGES + number
