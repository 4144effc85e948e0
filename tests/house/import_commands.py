"""Imports of bank files by the write side's own functions, with every kind of item they write."""

from datetime import timedelta

from chalicelib.commands import bank_rows, record, undo_import, wiring
from chalicelib.commands.bank_rows import RecordRow
from chalicelib.ledger.days import business_day
from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.imported_entries import ImportedRow, imported_draft
from chalicelib.ledger.principal import Principal

IMPORTER = Principal("importing-bakery", "joana")


def import_twice() -> None:
    """Import a row and one that claims an entry, undo the import, and import the rows again."""
    ports = wiring.ports()
    by_hand = record.RecordEntry("by-hand", {"amount": "1.00"}, EntryDraft("debit", 100))
    entry = record.record(ports, IMPORTER, by_hand).entry
    now = ports.clock()
    yesterday = business_day(now, ports.zone) - timedelta(days=1)
    bank_row = ImportedRow("bank", "BRL", yesterday, None, -100, "PIX", bank_id="7")
    for import_id in ("first-import", "second-import"):
        draft = imported_draft(bank_row, import_id, now, ports.zone)
        rows = [RecordRow(("r" * 43,), draft), RecordRow(("s" * 43,), draft, entry.entry_id)]
        bank_rows.record_rows(ports, IMPORTER, import_id, rows)
        undo_import.begin_undo(ports, IMPORTER, import_id)
        undo_import.undo_rows(ports, IMPORTER, import_id, [row.identities for row in rows], "wrong")
        undo_import.finish_undo(ports, IMPORTER, import_id)
