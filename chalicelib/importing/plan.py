"""The plan of a recording: copies of the rows that it records, because previews expire.

Each recording has its own folder, `recording/<merchant>/<import>/<start>/`, so that a request that
still works for an earlier one never touches it. There is one object for each page and part that has
rows. `planned` has a digit for each page that is copied: the sum of its parts' digits.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from chalicelib.importing.bank_import import BankImport, Decision
from chalicelib.importing.decide import expired
from chalicelib.importing.ports import ImportBucket
from chalicelib.importing.preview_row import PreviewRow, decided
from chalicelib.importing.stored_rows import (
    packed_rows,
    read_page,
    recording_folder,
    unpacked_rows,
)
from chalicelib.ledger.errors import ConflictError, ImportConflictError

PARTS = ("same", "rows")
"""Rows that claim an entry come first: if one is lost, nothing has been recorded yet."""
COPIES_KEPT_FOR = timedelta(days=90)
"""How long the bucket keeps a plan, at most: copies of recordings that nobody has finished."""
_DIGITS = {"same": 1, "rows": 2}
_WORKERS = 8


def plan_folder(merchant_id: str, import_id: str, start: int) -> str:
    """Return the folder of the plan; `start` is the import's version before its recording."""
    return f"{recording_folder(merchant_id, import_id)}{start}/"


def copy_pages(
    bucket: ImportBucket, current: BankImport, decisions: dict[int, Decision], pages: Sequence[int]
) -> str:
    """Copy what will be recorded of some pages; return their digits.

    Raises ConflictError if the preview has expired.
    """
    with ThreadPoolExecutor(_WORKERS) as pool:
        return "".join(pool.map(lambda page: _copy(bucket, current, decisions, page), pages))


def _copy(
    bucket: ImportBucket, current: BankImport, decisions: dict[int, Decision], page: int
) -> str:
    copied: list[PreviewRow] | None = None
    by_part: dict[str, list[PreviewRow]] = {}
    # Read again after copying: an erasure meanwhile has changed the page, and not the copy.
    while (rows := _page(bucket, current, page)) != copied:
        by_part = _by_part(rows, decisions)
        for part, planned in by_part.items():
            bucket.put(_name(current, part, page), packed_rows(planned))
        copied = rows
    return str(sum(_DIGITS[part] for part in by_part))


def planned_rows(
    bucket: ImportBucket, current: BankImport, part: str, page: int
) -> list[PreviewRow] | None:
    """Return what is recorded of a part of a page; None if it should be there, and is missing."""
    if not int(current.planned[page]) & _DIGITS[part]:
        return []
    content = bucket.get(_name(current, part, page))
    return None if content is None else unpacked_rows(content)


def missing_rows() -> ConflictError:
    """Return the error of a recording whose copies are missing, which nothing can finish."""
    return ImportConflictError(
        "rows-not-stored",
        f"What is to be recorded is not stored any more; it is kept for {COPIES_KEPT_FOR.days} "
        "days. Import the file again: rows that this import has recorded will be duplicates.",
    )


def delete_plan(bucket: ImportBucket, folder: str) -> None:
    """Delete the objects of a plan, or of all plans of an import."""
    names = bucket.names(folder)
    if names:
        bucket.delete(names)


def _name(current: BankImport, part: str, page: int) -> str:
    return f"{current.plan}{part}-{page:05d}"


def _page(bucket: ImportBucket, current: BankImport, page: int) -> list[PreviewRow]:
    rows = read_page(bucket, current.folder, page)
    if rows is None:
        raise expired()
    return rows


def _by_part(
    rows: Sequence[PreviewRow], decisions: dict[int, Decision]
) -> dict[str, list[PreviewRow]]:
    """Return what will be recorded of rows; a part without rows is not in it."""
    by_part: dict[str | None, list[PreviewRow]] = {}
    for row in rows:
        planned = decided(row, decisions.get(row.row))
        by_part.setdefault(_part(row, decisions), []).append(planned)
    return {part: by_part[part] for part in PARTS if part in by_part}


def _part(row: PreviewRow, decisions: dict[int, Decision]) -> str | None:
    decision = decisions.get(row.row)
    if row.outcome == "created":
        return "rows"
    if row.outcome == "needs_decision" and decision and decision.kind != "leave_out":
        return "same" if decision.kind == "same" else "rows"
    return None
