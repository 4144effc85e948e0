"""Entries that may be the same as rows: what the ledger says of them, and of new ones meanwhile."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import NamedTuple

from chalicelib.importing.bank_import import BankImport
from chalicelib.importing.file_rows import MovementKey
from chalicelib.importing.ports import ImportPorts
from chalicelib.importing.preview_row import PreviewRow
from chalicelib.importing.similar_entries import KnownEntry, entry_text, needs_decision
from chalicelib.importing.stored_imports import find_import
from chalicelib.importing.stored_rows import read_page
from chalicelib.ledger.errors import ImportConflictError

_WORKERS = 8
_NAMED = 10
"""The most rows that an error names."""


class _FileRows(NamedTuple):
    """What the check needs of a file's rows.

    `identities` are those of all rows, `entries` the ids of entries that rows are already. `new`
    are the rows that would be created: for each key their numbers, and the text of each.
    """

    identities: set[str]
    entries: set[str]
    new: dict[MovementKey, dict[int, str | None]]


def known_entries(
    ports: ImportPorts, merchant_id: str, ids: Sequence[str]
) -> dict[str, KnownEntry]:
    """Return those of the ids that are entries; raise LedgerUnavailableError."""
    result = ports.ledger.entries(merchant_id, ids) if ids else {}
    imports = {
        name for stored in result.values() for name in (stored.import_id, stored.claimed_from)
    }
    families: dict[str | None, str | None] = {None: None}
    for import_id in filter(None, imports):
        source = find_import(ports.table, merchant_id, import_id)
        families[import_id] = source.current.family if source else ""
    return {
        entry_id: KnownEntry(
            stored.entry,
            families[stored.import_id],
            stored.is_free,
            families[stored.claimed_from],
            stored.identity,
        )
        for entry_id, stored in result.items()
    }


def check_no_newer_entries(ports: ImportPorts, merchant_id: str, current: BankImport) -> None:
    """Raise ConflictError if an entry was recorded since the preview that may be one of its rows.

    As when the same month was previewed as OFX and as CSV before one of them was recorded. Raises
    ReadModelUnavailableError, LedgerUnavailableError and ImportBucketUnavailableError, too.
    """
    file = _rows_of_file(ports, current)
    possible = ports.book.possible_entries(merchant_id, list(file.new)) if file.new else {}
    ids = dict.fromkeys(entry_id for ids_of_key in possible.values() for entry_id in ids_of_key)
    entries = known_entries(ports, merchant_id, [name for name in ids if name not in file.entries])
    others = {
        name: other for name, other in entries.items() if other.identity not in file.identities
    }
    same = sorted(
        number
        for key, rows in file.new.items()
        for number in _matching(key, rows, _of(others, possible.get(key, ())), current.family)
    )
    if same:
        named = ", ".join(map(str, same[:_NAMED])) + (", …" if len(same) > _NAMED else "")
        raise ImportConflictError(
            "entries-since-preview",
            f"Since the preview, entries were recorded that may be the same as row {named}; "
            "import the file again, and decide about them.",
            named,
        )


def _of(entries: Mapping[str, KnownEntry], ids: Iterable[str]) -> list[KnownEntry]:
    return [entries[entry_id] for entry_id in ids if entry_id in entries]


def _matching(
    key: MovementKey, rows: Mapping[int, str | None], others: Sequence[KnownEntry], family: str
) -> list[int]:
    """Return those rows of a key that may be one of these entries."""
    return [
        number
        for number, text in rows.items()
        if any(needs_decision(other, key, family, {text}) for other in others)
    ]


def _rows_of_file(ports: ImportPorts, current: BankImport) -> _FileRows:
    file = _FileRows(set(), set(), defaultdict(dict))
    with ThreadPoolExecutor(_WORKERS) as pool:
        numbers = range(current.pages)
        # Some pages at a time: of a large file, the rows of all would take too much memory.
        pages = chain.from_iterable(
            pool.map(partial(read_page, ports.bucket, current.folder), numbers[at : at + _WORKERS])
            for at in range(0, current.pages, _WORKERS)
        )
        for row in (row for page in pages for row in page or ()):
            if row.identity is not None:
                file.identities.add(row.identity)
            if row.entry_id is not None:
                file.entries.add(row.entry_id)
            if row.outcome == "created":
                file.new[_key(current, row)][row.row] = entry_text(row.description)
    return file


def _key(current: BankImport, row: PreviewRow) -> MovementKey:
    facts = current.statements[row.statement]
    if row.day is None or row.amount_minor is None:
        raise RuntimeError(f"Row {row.row} has no day or amount.")
    return MovementKey(facts.account, facts.currency, row.day, row.amount_minor)
