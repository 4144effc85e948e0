"""Prepare a recording: remember its decisions, and copy what it records.

The import is `recording` from the beginning, so that its decisions no longer change, and a request
that ends early is resumed.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.importing.bank_import import BankImport, Decision
from chalicelib.importing.decide import decided_rows, preview_state
from chalicelib.importing.known_entries import check_no_newer_entries
from chalicelib.importing.plan import copy_pages, delete_plan, plan_folder
from chalicelib.importing.ports import ImportPorts
from chalicelib.importing.stored_imports import (
    Versioned,
    forget_results,
    get_import,
    not_remembered,
    note_decided_rows,
    remember_decisions,
    replace_import,
)
from chalicelib.importing.stored_rows import PreviewIndex
from chalicelib.ledger.errors import ConflictError, ImportConflictError

_PAGES_TOGETHER = 8
_DECISIONS_TOGETHER = 500


def start(ports: ImportPorts, merchant_id: str, before: Versioned) -> None:
    """Make the import `recording`, unless somebody else changes it at this moment.

    Raises ConflictError for rows that need a decision, for entries that were recorded since the
    preview and may be rows, and once the preview has expired.
    """
    current = before.current
    undecided = current.count("needs_decision")
    if undecided:
        raise ImportConflictError(
            "undecided-rows",
            f"{undecided} rows need a decision first: PATCH /v1/imports/{current.import_id}.",
            str(undecided),
        )
    preview_state(ports, current)
    check_no_newer_entries(ports, merchant_id, current)
    plan = plan_folder(merchant_id, current.import_id, before.version)
    new = replace(current, status="recording", plan=plan, planned="", done=0)
    replace_import(ports.table, merchant_id, before, new)


def prepare(
    ports: ImportPorts, merchant_id: str, stored: Versioned, has_time: Callable[[], bool]
) -> bool:
    """Go on to prepare a recording; return False if there was no more time.

    Some of it is always done. Raises ConflictError once the preview has expired.
    """
    try:
        index, decisions = preview_state(ports, stored.current)
        if not _store_decisions(ports, merchant_id, stored.current, index, decisions, has_time):
            return False
        return _copy(ports, merchant_id, stored, decisions, has_time)
    except ConflictError:
        # Nothing is recorded yet. If somebody else has copied it before, that one is resumed.
        if back_to_preview(ports, merchant_id, stored, stored.current):
            raise
        return True


def _store_decisions(
    ports: ImportPorts,
    merchant_id: str,
    current: BankImport,
    index: PreviewIndex,
    decisions: dict[int, Decision],
    has_time: Callable[[], bool],
) -> bool:
    """Store decisions by identity that no earlier request did; return False without more time."""
    if not decisions:
        return True
    rows = decided_rows(current, index, decisions)
    note_decided_rows(ports.table, merchant_id, current.import_id, rows)
    missing = not_remembered(ports.table, merchant_id, rows)
    for at in range(0, len(missing), _DECISIONS_TOGETHER):
        if at and not has_time():
            return False
        remember_decisions(ports.table, merchant_id, missing[at : at + _DECISIONS_TOGETHER])
    return True


def _copy(
    ports: ImportPorts,
    merchant_id: str,
    stored: Versioned,
    decisions: dict[int, Decision],
    has_time: Callable[[], bool],
) -> bool:
    """Copy the pages that are not copied yet; return False if there was no more time."""
    current, planned = stored.current, stored.current.planned
    while len(planned) < current.pages:
        if planned != current.planned and not has_time():
            break
        pages = range(len(planned), min(len(planned) + _PAGES_TOGETHER, current.pages))
        planned += copy_pages(ports.bucket, current, decisions, pages)
    new = replace(current, planned=planned)
    if replace_import(ports.table, merchant_id, stored, new) is None:
        _delete_late_copies(ports, merchant_id, current)
    return len(planned) >= current.pages


def _delete_late_copies(ports: ImportPorts, merchant_id: str, copied: BankImport) -> None:
    """Delete what was copied after the end of the recording, which has deleted its copies."""
    latest = get_import(ports.table, merchant_id, copied.import_id).current
    if latest.status != "recording" or latest.plan != copied.plan:
        delete_plan(ports.bucket, copied.plan or "")


def back_to_preview(
    ports: ImportPorts, merchant_id: str, stored: Versioned, new: BankImport
) -> bool:
    """Give a recording up, unless somebody else has changed the import; return whether it was.

    Its results and copies are deleted only then.
    """
    new = replace(new, status="preview", plan=None, planned="", done=0)
    if replace_import(ports.table, merchant_id, stored, new) is None:
        return False
    forget_results(ports.table, merchant_id, stored.current)
    delete_plan(ports.bucket, stored.current.plan or "")
    return True
