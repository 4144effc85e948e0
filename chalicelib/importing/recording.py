"""Record an import: claim the entries that rows are the same as, then record the new ones.

What will be recorded is copied first, and the import becomes `recording` only then. Each page is
recorded, its results are stored, and the import moves on to the next one, so that a request that
ends early, or two at once, lose and double nothing: the ledger records a row once.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from chalicelib.importing.bank_import import OUTCOMES, BankImport, Decision, RowOutcome
from chalicelib.importing.decide import decided_rows, preview_state, with_decisions
from chalicelib.importing.ports import ImportPorts, RowResult, RowToRecord
from chalicelib.importing.preview_row import PreviewRow, decided
from chalicelib.importing.stored_imports import (
    StoredResult,
    Versioned,
    forget_results,
    get_import,
    note_decided_rows,
    put_results,
    remember_decisions,
    replace_import,
)
from chalicelib.importing.stored_rows import (
    packed_rows,
    page_of,
    put_decisions,
    read_decisions,
    read_index,
    read_page,
    recording_folder,
    unpacked_rows,
)
from chalicelib.ledger.errors import ConflictError
from chalicelib.ledger.principal import Principal

_WORKERS = 8
_PARTS = ("same", "rows")
"""Rows that claim an entry come first: if one is lost, nothing has been recorded yet."""
_PLANNED: dict[str, RowOutcome] = {"same": "duplicate", "rows": "created"}
CLAIMED = "another row has claimed its entry, and the preview has expired"


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
            raise ConflictError(f"The import is {current.status}; import the file again instead.")
        if current.status == "preview":
            _start(ports, principal, stored)
        elif current.done >= len(_PARTS) * current.pages:
            _finish(ports, principal, stored)
        elif not has_time():
            return current
        else:
            _record_pages(ports, principal, stored, has_time)


def _start(ports: ImportPorts, principal: Principal, before: Versioned) -> None:
    """Copy what will be recorded, and make the import `recording`, unless somebody else did."""
    merchant_id, current = principal.merchant_id, before.current
    undecided = current.count("needs_decision")
    if undecided:
        raise ConflictError(
            f"{undecided} rows need a decision first: PATCH /v1/imports/{current.import_id}."
        )
    index, decisions = preview_state(ports, current)
    # By version, so that one who comes too late cannot change what another one records.
    folder = f"{recording_folder(merchant_id, current.import_id)}{before.version}/"

    def copy(page: int) -> None:
        rows = read_page(ports.bucket, current.folder, page)
        copied = None
        # An erasure that comes between does not see the copy yet, but the copied rows are others.
        while rows is not None and rows != copied:
            for part in _PARTS:
                planned = [
                    decided(row, decisions.get(row.row))
                    for row in rows
                    if _part(row, decisions) == part
                ]
                if planned:
                    ports.bucket.put(f"{folder}{part}-{page:05d}", packed_rows(planned))
            copied, rows = rows, read_page(ports.bucket, current.folder, page)

    with ThreadPoolExecutor(_WORKERS) as pool:
        for _ in pool.map(copy, range(current.pages)):
            pass
    rows = decided_rows(current, index, decisions)
    note_decided_rows(ports.table, merchant_id, current.import_id, rows)
    remember_decisions(ports.table, merchant_id, rows)
    new = replace(current, status="recording", plan=folder, done=0)
    replace_import(ports.table, merchant_id, before, new)


def _part(row: PreviewRow, decisions: dict[int, Decision]) -> str | None:
    decision = decisions.get(row.row)
    if row.outcome == "created":
        return "rows"
    if row.outcome == "needs_decision" and decision and decision.kind != "leave_out":
        return "same" if decision.kind == "same" else "rows"
    return None


def _record_pages(
    ports: ImportPorts, principal: Principal, stored: Versioned, has_time: Callable[[], bool]
) -> None:
    """Record the next pages while there is time, and nobody else does."""
    plan = stored.current.plan or ""
    names = set(ports.bucket.names(plan))
    latest: Versioned | None = stored
    while latest is not None and latest.current.status == "recording":
        done, pages = latest.current.done, latest.current.pages
        if done >= len(_PARTS) * pages or not has_time():
            return
        part, page = _PARTS[done // pages], done % pages
        name = f"{plan}{part}-{page:05d}"
        content = ports.bucket.get(name) if name in names else None
        rows = unpacked_rows(content) if content else []
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
        lost = [row.row for row, each in zip(rows, results, strict=True) if _is_lost(each)]
        if lost and _return_to_preview(ports, merchant_id, stored, lost):
            shown = ", ".join(map(str, lost[:10]))
            raise ConflictError(
                f"Another row has claimed the entry of row {shown} meanwhile; decide again."
            )
        stored_results = {
            row.row: _stored_result(row, each) for row, each in zip(rows, results, strict=True)
        }
        page = f"{part}-{page_of(rows[0].row):05d}"
        put_results(ports.table, merchant_id, current.import_id, page, stored_results)
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
    return StoredResult(OUTCOMES.index(outcome), result.entry_id, reason, row.identity or "")


def _return_to_preview(
    ports: ImportPorts, merchant_id: str, stored: Versioned, lost: Sequence[int]
) -> bool:
    """Make the import a preview whose lost rows need a decision; False once it has expired."""
    current = stored.current
    index = read_index(ports.bucket, current.folder)
    decisions = read_decisions(ports.bucket, current.folder, current.decisions)
    if index is None or decisions is None or ports.clock() >= current.expires_at:
        return False
    decisions = {row: each for row, each in decisions.items() if row not in lost}
    name = f"decisions-{stored.version + 1}-{ports.nonce()}"
    put_decisions(ports.bucket, current.folder, name, decisions)
    new = replace(current, status="preview", plan=None, done=0, decisions=name)
    forget_results(ports.table, merchant_id, current.import_id)
    replace_import(ports.table, merchant_id, stored, with_decisions(new, index, decisions))
    _delete_plans(ports, merchant_id, current.import_id)
    return True


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
    _delete_plans(ports, principal.merchant_id, stored.current.import_id)
    new = replace(stored.current, status="recorded", plan=None, recorded_at=ports.clock())
    replace_import(ports.table, principal.merchant_id, stored, new)


def _delete_plans(ports: ImportPorts, merchant_id: str, import_id: str) -> None:
    names = ports.bucket.names(recording_folder(merchant_id, import_id))
    if names:
        ports.bucket.delete(names)
