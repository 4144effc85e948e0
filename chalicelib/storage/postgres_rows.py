"""How an entry's row in the read model reads once PostgreSQL has told it as JSON.

Shared by the rooms that read rows (queries, consolidation), so that the columns are named once.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from chalicelib.ledger.entries import Entry


def row_entry(row: Mapping[str, Any]) -> Entry:
    """Return the entry that a row says, by its columns; raises KeyError where one is not told.

    Columns that are no part of a leaf may be left out, and stand as if they were empty then.
    """
    return Entry(
        entry_id=row["entry_id"],
        merchant_id=row["merchant_id"],
        type=row["type"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        account=row["account"],
        day=date.fromisoformat(row["day"]),
        occurred_at=row["occurred_at"],
        recorded_at=datetime.fromisoformat(row["recorded_at"]),
        recorded_by=row.get("recorded_by", ""),
        text_digest=row["text_digest"],
        description=row.get("description"),
        category=row.get("category"),
        metadata=row.get("metadata", {}),
        reverses=row["reverses"],
    )
