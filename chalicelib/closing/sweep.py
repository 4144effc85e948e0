"""The sweep: each night a thirtieth of the ledger's table is held against the read model.

It finds what no other look would: entries of long closed days that the read model lost, that were
altered in it, or that it never heard of.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from chalicelib.closing.consolidate import Consolidator
from chalicelib.closing.ports import MerchantDays, Ports
from chalicelib.closing.reconcile import PROJECTION_GRACE
from chalicelib.ledger.entries import Entry, content_digest

SWEEP_NIGHTS = 30


def sweep_page(
    ports: Ports, number: int, of: int, start: str | None, consolidator: Consolidator
) -> str | None:
    """Compare a page of a segment and consolidate the days that differ; return where it goes on."""
    page = ports.ledger.segment(number, of, start)
    for merchant in _days_of(_differing(ports, page.entries)):
        consolidator.consolidate(merchant)
    return page.next_start


def _differing(ports: Ports, entries: Sequence[Entry]) -> list[Entry]:
    lately = ports.clock() - PROJECTION_GRACE
    rows = ports.books.rows([entry.entry_id for entry in entries])
    return [
        entry
        for entry in entries
        if entry.recorded_at < lately
        and (
            entry.entry_id not in rows
            or rows[entry.entry_id].digest != content_digest(entry)
            or (entry.text_salt is None and rows[entry.entry_id].has_texts)
        )
    ]


def _days_of(entries: Iterable[Entry]) -> list[MerchantDays]:
    days: dict[str, set[date]] = {}
    for entry in entries:
        days.setdefault(entry.merchant_id, set()).add(entry.day)
    return [MerchantDays(merchant, tuple(sorted(days[merchant]))) for merchant in sorted(days)]
