"""Undo an import: reverse each entry that it created, on that entry's own day."""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.importing.bank_import import OUTCOMES, BankImport, UndoCounts
from chalicelib.importing.ports import ImportPorts
from chalicelib.importing.stored_imports import (
    Results,
    Versioned,
    forget_decisions,
    get_import,
    replace_import,
    result_pages,
)
from chalicelib.ledger.errors import ImportConflictError
from chalicelib.ledger.principal import Principal

_OF_ENTRIES = (OUTCOMES.index("created"), OUTCOMES.index("duplicate"))


def undo(
    ports: ImportPorts,
    principal: Principal,
    import_id: str,
    reason: str,
    has_time: Callable[[], bool],
) -> BankImport:
    """Return the import, `undone`, or still `undoing` because there was no more time.

    The first request's reason counts. Raises NotFoundError, ConflictError for an import that is not
    fully recorded, and LedgerUnavailableError.
    """
    while True:
        stored = get_import(ports.table, principal.merchant_id, import_id)
        current = stored.current
        if current.status == "undone":
            return current
        if current.status not in ("recorded", "undoing"):
            raise ImportConflictError(
                current.status,
                f"The import is {current.status}; only a recorded one is undone.",
            )
        if current.status == "recorded":
            new = replace(
                current, status="undoing", done=0, undo_reason=reason, undone=UndoCounts()
            )
            replace_import(ports.table, principal.merchant_id, stored, new)
        elif not has_time():
            return current
        else:
            _undo_pages(ports, principal, stored, has_time)


def _undo_pages(
    ports: ImportPorts, principal: Principal, stored: Versioned, has_time: Callable[[], bool]
) -> None:
    """Reverse the entries of the next pages while there is time, and nobody else does."""
    merchant_id, import_id = principal.merchant_id, stored.current.import_id
    ports.ledger.begin_undo(principal, import_id)
    pages = result_pages(ports.table, merchant_id, stored.current)
    latest: Versioned | None = stored
    while latest is not None and latest.current.done < len(pages):
        if not has_time():
            return
        current = latest.current
        counts = _undo_page(ports, principal, current, pages[current.done])
        new = replace(current, done=current.done + 1, undone=counts)
        latest = replace_import(ports.table, merchant_id, latest, new)
    if latest is not None:
        ports.ledger.finish_undo(principal, import_id)
        forget_decisions(ports.table, merchant_id, import_id)
        new = replace(latest.current, status="undone", undone_at=ports.clock())
        replace_import(ports.table, merchant_id, latest, new)


def _undo_page(
    ports: ImportPorts, principal: Principal, current: BankImport, results: Results
) -> UndoCounts:
    """Reverse a page's entries; return the counts of all pages up to it."""
    so_far = current.undone or UndoCounts()
    identities = [result.identity for result in results.values() if result.outcome in _OF_ENTRIES]
    newly, before = ports.ledger.undo_rows(
        principal, current.import_id, identities, current.undo_reason or ""
    )
    return UndoCounts(so_far.reversed + newly, so_far.already_reversed + before)
