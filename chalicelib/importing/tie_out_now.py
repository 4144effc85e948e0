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
    recorded = [each for each in imports if each.status in _RECORDED]
    balances = {each.import_id: import_statements.stored_balances(each) for each in recorded}
    spans = [
        span
        for each in recorded
        for span in import_statements.spans(each.statements, balances[each.import_id])
    ]
    books = iter(book.days(merchant_id, spans) if spans else ())
    current = {}
    for each in recorded:
        of_file = balances[each.import_id]
        of_book = [None if of_day is None else next(books) for of_day in of_file]
        statements = import_statements.tied_out(each.statements, of_file, of_book)
        current[each.import_id] = replace(each, statements=statements)
    return [current.get(each.import_id, each) for each in imports]


def without_tie_outs(stored: BankImport) -> BankImport:
    """Return an import without tie-outs, because those of now are not known."""
    statements = tuple(each._replace(tie_out=None) for each in stored.statements)
    return replace(stored, statements=statements)
