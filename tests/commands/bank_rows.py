"""Rows of bank files for the tests of the write side."""

from datetime import date
from typing import Any

from chalicelib.commands.bank_rows import RecordRow
from chalicelib.ledger.imported_entries import ImportedRow, imported_draft
from tests.commands.examples import NOON
from verification.kit.generators import ZONE


def identity(number: int) -> str:
    """Return the identity of the row of this number, of 43 characters."""
    return f"{number:043}"


def row(number: int = 1, same: str | None = None, **more: Any) -> RecordRow:
    """Return a row of 2 October: money out of the bank, of as many reais as its number."""
    fields = {"amount_minor": -100 * number, "day": date(2026, 10, 2), "occurred_at": None}
    bank_row = ImportedRow("bb", "BRL", description=f"PIX {number}", **{**fields, **more})
    draft = imported_draft(bank_row, "import-1", NOON, ZONE)
    return RecordRow((identity(number),), draft, same)
