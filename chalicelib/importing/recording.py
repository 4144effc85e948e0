"""Record an import: claim the entries that match rows, then record the other rows.

The import becomes `recording`, and what will be recorded is copied. Then each page is recorded, its
results are stored, and the import moves on to the next one, so that a request that ends early, or
two at once, lose and double nothing: the ledger records a row once.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.importing.bank_import import OUTCOMES, BankImport, RowOutcome
from chalicelib.importing.decide import with_decisions
from chalicelib.importing.plan import PARTS, delete_plan, missing_rows, planned_rows
from chalicelib.importing.ports import ImportPorts, RowResult, RowToRecord
from chalicelib.importing.prepare_recording import back_to_preview, prepare, start
from chalicelib.importing.preview import IMPORTED_BEFORE
from chalicelib.importing.preview_row import PreviewRow
from chalicelib.importing.stored_imports import (
    StoredResult,
    Versioned,
    get_import,
    put_results,
    replace_import,
)
from chalicelib.importing.stored_rows import (
    page_of,
    put_decisions,
    read_decisions,
    read_index,
    recording_folder,
)
from chalicelib.ledger.errors import ImportConflictError
from chalicelib.ledger.principal import Principal

_PLANNED: dict[str, RowOutcome] = {"same": "duplicate", "rows": "created"}
CLAIMED = "its entry was claimed by another row or reversed, and the preview has expired"


def record(
    ports: ImportPorts, principal: Principal, import_id: str, has_time: Callable[[], bool]
) -> BankImport:
    """Return the import, `recorded`, or still `recording` because there was no more time.

    Raises NotFoundError, ConflictError for rows that need a decision and for an import that is
    being or has been undone, LedgerUnavailableError and ImportBucketUnavailableError.
    """
    while True:
        stored = get_import(ports.table, principal.merchant_id, import_id)
        current = stored.current
        if current.status == "recorded":
            return current
        if current.status in ("undoing", "undone"):
            raise ImportConflictError(
                current.status,
                f"The import is {current.status}; import the file again instead.",
            )
        if current.status == "preview":
            start(ports, principal.merchant_id, stored)
        elif len(current.planned) < current.pages:
            if not prepare(ports, principal.merchant_id, stored, has_time):
                return current
        elif current.done >= len(PARTS) * current.pages:
            _finish(ports, principal, stored)
        elif not has_time():
            return current
        else:
            _record_pages(ports, principal, stored, has_time)


def _record_pages(
    ports: ImportPorts, principal: Principal, stored: Versioned, has_time: Callable[[], bool]
) -> None:
    """Record the next pages while there is time, and nobody else does."""
    latest: Versioned | None = stored
    while latest is not None and latest.current.status == "recording":
        current = latest.current
        if current.done >= len(PARTS) * current.pages or not has_time():
            return
        part, page = PARTS[current.done // current.pages], current.done % current.pages
        rows = planned_rows(ports.bucket, current, part, page)
        if rows is None:
            # Or somebody else has just recorded it, and deleted it.
            newest = get_import(ports.table, principal.merchant_id, current.import_id)
            if newest.version == latest.version:
                raise missing_rows()
            return
        latest = _record_page(ports, principal, latest, part, rows)


def _record_page(
    ports: ImportPorts, principal: Principal, stored: Versioned, part: str, rows: list[PreviewRow]
) -> Versioned | None:
    """Record the rows of a page and store their results; return None if somebody else did."""
    merchant_id, current = principal.merchant_id, stored.current
    numbers = list(current.counts)
    if rows:
        to_record = [_to_record(current, row) for row in rows]
        results = ports.ledger.record_rows(principal, current.import_id, to_record)
        lost = [row.row for row, result in zip(rows, results, strict=True) if _is_lost(result)]
        preview = _decided_again(ports, stored, lost) if lost else None
        if preview is not None:
            if not back_to_preview(ports, merchant_id, stored, preview):
                return None
            shown = ", ".join(map(str, lost[:10]))
            raise ImportConflictError(
                "lost-claims",
                f"The entry of row {shown} was claimed by another row or reversed meanwhile; "
                "decide again.",
                shown,
            )
        stored_results = {
            row.row: _stored_result(row, result) for row, result in zip(rows, results, strict=True)
        }
        page = f"{part}-{page_of(rows[0].row):05d}"
        put_results(ports.table, merchant_id, current, page, stored_results)
        for result in stored_results.values():
            numbers[OUTCOMES.index(_PLANNED[part])] -= 1
            numbers[result.outcome] += 1
    new = replace(current, done=current.done + 1, counts=tuple(numbers))
    return replace_import(ports.table, merchant_id, stored, new)


def _is_lost(result: RowResult) -> bool:
    return result.outcome == "needs_decision"


def _stored_result(row: PreviewRow, result: RowResult) -> StoredResult:
    outcome, reason = result.outcome, result.reason
    if _is_lost(result):
        outcome, reason = "refused", CLAIMED
    elif outcome == "duplicate" and result.entry_id != row.entry_id:
        reason = IMPORTED_BEFORE
    return StoredResult(OUTCOMES.index(outcome), result.entry_id, reason, row.identity or "")


def _decided_again(ports: ImportPorts, stored: Versioned, lost: Sequence[int]) -> BankImport | None:
    """Return the import with lost rows that need a decision; None once its preview has expired."""
    current = stored.current
    index = read_index(ports.bucket, current.folder)
    decisions = read_decisions(ports.bucket, current.folder, current.decisions)
    if index is None or decisions is None or ports.clock() >= current.expires_at:
        return None
    decisions = {row: decision for row, decision in decisions.items() if row not in lost}
    name = f"decisions-{stored.version + 1}-{ports.nonce()}"
    put_decisions(ports.bucket, current.folder, name, decisions)
    return with_decisions(replace(current, decisions=name), index, decisions)


def _to_record(current: BankImport, row: PreviewRow) -> RowToRecord:
    facts = current.statements[row.statement]
    if row.identity is None or row.day is None or row.amount_minor is None:
        raise RuntimeError(f"Row {row.row} has no identity, day or amount.")
    return RowToRecord(
        identity=row.identity,
        account=facts.account,
        currency=facts.currency,
        day=row.day,
        occurred_at=row.occurred_at,
        amount_minor=row.amount_minor,
        description=row.description or "",
        category=row.category,
        bank_id=row.bank_id,
        instalment=row.instalment,
        foreign=row.foreign,
        same=row.entry_id,  # only rows that claim an entry have one yet
    )


def _finish(ports: ImportPorts, principal: Principal, stored: Versioned) -> None:
    """Delete the copies and make the import `recorded`."""
    # Of all plans: no other recording of this import can begin once all pages are recorded.
    folder = recording_folder(principal.merchant_id, stored.current.import_id)
    delete_plan(ports.bucket, folder)
    new = replace(stored.current, status="recorded", recorded_at=ports.clock())
    replace_import(ports.table, principal.merchant_id, stored, new)
