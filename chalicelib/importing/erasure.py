"""Erase an entry's texts from everything that imports store of it (LGPD, article 18).

Rows of the entry are found by their identity in all previews of the merchant that still exist,
whichever import they belong to. That is the row it was recorded from, and a row that is the same by
decision, recorded or not. The file itself is deleted, because it has the text, too.
"""

from collections.abc import Collection, Sequence
from itertools import chain

from chalicelib.importing.ports import ImportBucket, ImportPorts
from chalicelib.importing.preview_row import (
    PreviewRow,
    without_candidate_text,
    without_texts,
)
from chalicelib.importing.stored_imports import find_import
from chalicelib.importing.stored_rows import packed_rows, read_decisions, unpacked_rows


def erase_texts(ports: ImportPorts, merchant_id: str, entry_id: str, identity: str | None) -> None:
    """Remove the texts of an entry; `identity` is that of the row it was recorded from, if any.

    Raises ImportBucketUnavailableError and LedgerUnavailableError; repeating it continues.
    """
    known = {identity} if identity is not None else set()
    offering = _erase(ports.bucket, merchant_id, entry_id, known)
    same: set[str] = set()
    for folder, rows in offering.items():
        if rows:
            same |= _decided(ports, merchant_id, entry_id, folder, rows)
    same |= _claimed(ports, merchant_id, entry_id, [*chain.from_iterable(offering.values())])
    if same - known:
        _erase(ports.bucket, merchant_id, entry_id, same - known)


def _erase(
    bucket: ImportBucket, merchant_id: str, entry_id: str, identities: Collection[str]
) -> dict[str, list[PreviewRow]]:
    """Erase the rows with these identities; return rows that offer the entry, by their folder."""
    offered: dict[str, list[PreviewRow]] = {}
    for folder in (f"previews/{merchant_id}/", f"recording/{merchant_id}/"):
        for name in bucket.names(folder):
            own_folder, _, page = name.rpartition("/")
            if page.startswith(("rows-", "same-")):
                rows = _erase_from(bucket, name, entry_id, identities)
                offered.setdefault(own_folder + "/", []).extend(rows)
    return offered


def _erase_from(
    bucket: ImportBucket, name: str, entry_id: str, identities: Collection[str]
) -> list[PreviewRow]:
    offered: list[PreviewRow] = []

    def without(content: bytes) -> bytes | None:
        rows = unpacked_rows(content)
        offered[:] = [row for row in rows if _offers(row, entry_id)]
        erased = [_erased(row, entry_id, identities) for row in rows]
        if erased == rows:
            return None
        # The file first: once the rows are erased, a repetition would not look for it.
        bucket.delete([f"{name.rpartition('/')[0]}/file"])
        return packed_rows(erased)

    bucket.change(name, without)
    return offered


def _decided(
    ports: ImportPorts, merchant_id: str, entry_id: str, folder: str, rows: Sequence[PreviewRow]
) -> set[str]:
    """Return the identities of a folder's rows that are the entry by decision, recorded or not."""
    import_id = folder.split("/")[-2].partition("-")[0]
    stored = find_import(ports.table, merchant_id, import_id)
    if stored is None or stored.current.folder != folder:
        return set()
    decisions = read_decisions(ports.bucket, folder, stored.current.decisions) or {}
    same = {row for row, decision in decisions.items() if decision.entry_id == entry_id}
    return {row.identity for row in rows if row.row in same and row.identity is not None}


def _claimed(
    ports: ImportPorts, merchant_id: str, entry_id: str, rows: Sequence[PreviewRow]
) -> set[str]:
    """Return the identities of rows of which the ledger knows that they have claimed the entry."""
    identities = [row.identity for row in rows if row.identity is not None]
    states = ports.ledger.recorded_rows(merchant_id, identities) if identities else ()
    return {
        identity
        for identity, state in zip(identities, states, strict=True)
        if state is not None and state.entry_id == entry_id
    }


def _offers(row: PreviewRow, entry_id: str) -> bool:
    return any(candidate.entry_id == entry_id for candidate in row.candidates)


def _erased(row: PreviewRow, entry_id: str, identities: Collection[str]) -> PreviewRow:
    if row.entry_id == entry_id or row.identity in identities:
        row = without_texts(row)
    if _offers(row, entry_id):
        row = without_candidate_text(row, entry_id)
    return row
