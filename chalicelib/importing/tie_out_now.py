"""The tie-outs of recorded imports: the file's balances beside what the book holds now."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.importing import import_statements
from chalicelib.importing.bank_import import BankImport
from chalicelib.importing.ports import BookReads

_RECORDED = ("recorded", "undoing", "undone")


def with_actual_books(
    book: BookReads, merchant_id: str, imports: Sequence[BankImport]
) -> list[BankImport]:
    """Return imports, the recorded ones with tie-outs of now; others as they were previewed.

    Raises ReadModelUnavailableError if one is recorded.
    """
    recorded = [stored for stored in imports if stored.status in _RECORDED]
    balances = {stored.import_id: import_statements.stored_balances(stored) for stored in recorded}
    spans = [
        span
        for stored in recorded
        for span in import_statements.spans(stored.statements, balances[stored.import_id])
    ]
    books = iter(book.days(merchant_id, spans) if spans else ())
    current = {}
    for stored in recorded:
        of_file = balances[stored.import_id]
        of_book = [None if of_day is None else next(books) for of_day in of_file]
        statements = import_statements.tied_out(stored.statements, of_file, of_book)
        current[stored.import_id] = replace(stored, statements=statements)
    return [current.get(stored.import_id, stored) for stored in imports]


def without_tie_outs(stored: BankImport) -> BankImport:
    """Return an import without tie-outs, because those of now are not known."""
    statements = tuple(facts._replace(tie_out=None) for facts in stored.statements)
    return replace(stored, statements=statements)
