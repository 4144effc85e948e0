"""Entries of the read model's rows as JSON, for the packages that read them (queries, closing)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from chalicelib.ledger.entries import Entry


def row_entry(row: Mapping[str, Any]) -> Entry:
    """Return the entry of a row, given by its columns; raises KeyError for a missing column.

    Columns that are not part of a leaf may be missing and are then read as empty.
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
