"""Corrections of categories: records beside the entries, which never change.

The newest correction of an entry decides its current category. The entry keeps the recorded one,
and so do its fingerprint, its leaf and its seal.
"""

from datetime import date, datetime
from typing import NamedTuple

from chalicelib.ledger.entries import Entry


class CategoryCorrection(NamedTuple):
    """The newest correction of an entry's category, None for no category.

    `number` counts the entry's corrections from 1, and decides which one is newer: moments of
    several processes do not. `day` is the entry's; `corrected_at` is in UTC.
    """

    entry_id: str
    merchant_id: str
    day: date
    category: str | None
    number: int
    corrected_by: str
    corrected_at: datetime


def current_category(entry: Entry, correction: CategoryCorrection | None) -> str | None:
    """Return an entry's category: the corrected one, or without a correction the recorded one."""
    return entry.category if correction is None else correction.category
