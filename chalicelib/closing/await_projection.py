"""Has the read model caught up with the ledger? A look at the merchants whose entries came last.

The reconciliation does not depend on it: it finds what is missing by itself. But it would take an
entry that is only late for one that was lost, and alarm.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.closing.ports import Books, Ledger

SAMPLE_SIZE = 20
"""How many merchants stand for all; one that asks for its own day is looked at by itself."""


def has_caught_up(ledger: "Ledger", books: "Books", day: date, merchant_id: str | None) -> bool:
    """Say whether nothing of the day was recorded later than what the read model took in.

    An entry that is missing among older ones is not on its way: it was lost, and is repaired.
    """
    projected = books.newest(merchant_id, SAMPLE_SIZE)
    return all(_is_in(ledger, one, day, newest) for one, newest in projected.items())


def _is_in(ledger: "Ledger", merchant_id: str, day: date, newest: datetime | None) -> bool:
    recorded = ledger.newest_recorded(merchant_id, day)
    return recorded is None or (newest is not None and recorded <= newest)
