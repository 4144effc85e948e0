"""The sweep: within thirty nights, every entry of the table is compared with the read model.

Nothing else notices entries of long closed days that the read model has lost or altered, or that
were never projected, nor corrections of categories that it lost. The table has 120 segments, four
of which become due each night. The read model stores when a segment is due and where the work on it
continues. So a segment whose night was missed, or whose time ran out, is continued by the next run.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from chalicelib.closing.category_repairs import repair_categories
from chalicelib.closing.consolidate import Consolidator
from chalicelib.closing.consolidation_run import ConsolidationRun
from chalicelib.closing.day_state import Row
from chalicelib.closing.differences import agree
from chalicelib.closing.merchant_days import with_changed_days
from chalicelib.closing.ports import MerchantDays, Ports, SweepSegment
from chalicelib.closing.ranges import SWEEP_LANES
from chalicelib.closing.reconcile import PROJECTION_GRACE
from chalicelib.ledger.entries import Entry, has_recorded_texts

SWEEP_NIGHTS = 30
"""In this many consecutive runs, the sweep compares the whole table with the read model."""
SEGMENTS = SWEEP_NIGHTS * SWEEP_LANES
"""Number of segments of the table; a stored position is valid for this number alone."""


def sweep_page(ports: Ports, run: ConsolidationRun, lane: int, consolidator: Consolidator) -> bool:
    """Compare a page of a lane's most overdue segment, and close the days that differ.

    Returns False when no segment of the lane is due.
    """
    segment = ports.read_model.due_segment(lane, SWEEP_LANES, run.day)
    if segment is None:
        return False
    page = ports.ledger.segment(segment.number, SEGMENTS, segment.position)
    entry_ids = [entry.entry_id for entry in page.entries]
    corrected = [correction.entry_id for correction in page.corrections]
    rows = ports.read_model.rows(list(dict.fromkeys([*entry_ids, *corrected])))
    for merchant in _days_of(_differing(ports, page.entries, rows)):
        consolidator.consolidate(_with_earlier_days(ports, run, merchant))
    repair_categories(ports, page, rows)
    due_on = segment.due_on if page.next_start else _next_turn(segment, run.day)
    ports.read_model.move_segment(segment, page.next_start, due_on)
    return True


def _next_turn(segment: SweepSegment, day: date) -> date:
    """Return when a segment is due again: turns stay spread, or are spread again after a month."""
    turn = segment.due_on + timedelta(SWEEP_NIGHTS)
    return turn if turn > day else day + timedelta(1 + segment.number // SWEEP_LANES)


def _differing(ports: Ports, entries: Sequence[Entry], rows: Mapping[str, Row]) -> list[Entry]:
    lately = ports.clock() - PROJECTION_GRACE
    return [
        entry
        for entry in entries
        if entry.recorded_at < lately
        and not (agree(entry, rows.get(entry.entry_id)) and has_recorded_texts(entry))
    ]


def _with_earlier_days(ports: Ports, run: ConsolidationRun, merchant: MerchantDays) -> MerchantDays:
    """Return a merchant with the changed days that must be closed before its own."""
    last = max((day for day in merchant.days if day <= run.day), default=None)
    return with_changed_days(ports.read_model, merchant, last) if last else merchant


def _days_of(entries: Iterable[Entry]) -> list[MerchantDays]:
    days: dict[str, set[date]] = {}
    for entry in entries:
        days.setdefault(entry.merchant_id, set()).add(entry.day)
    return [MerchantDays(merchant, tuple(sorted(days[merchant]))) for merchant in sorted(days)]
