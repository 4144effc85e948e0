"""What must be true of imported entries: each row once, undone on its own day, and nothing else.

The last import of each merchant has all rows of its bank, after all others were resumed: so every
row must be in the book, unless its entry was reversed by hand or another entry takes its place.
"""

from collections.abc import Mapping
from datetime import datetime

from chalicelib.ledger.imported_entries import imported_entry_id
from chalicelib.storage.dynamodb_items import (
    IdempotencyRecord,
    StoredEntry,
    is_entry,
    stored_entry,
    stored_item,
)
from verification.kit.reference_model import business_day
from verification.simulation.final_invariants import check_content
from verification.simulation.importers import REASON, BankRow, Import, Importers
from verification.simulation.request_log import RequestLog
from verification.simulation.violations import DOUBLED, DRIFT, LOST, check
from verification.simulation.world import World

Reversals = Mapping[str, StoredEntry]
"""The reversals of entries, by the id of the reversed entry."""


def imported_ids(world: World) -> set[str]:
    """Return the ids of entries that the requests of merchants do not explain.

    They are imported entries, and their reversals by an undo or by hand.
    """
    stored = _stored(world)
    imported = {name for name, each in stored.items() if each.identity is not None}
    reversals = {name for name, each in stored.items() if each.entry.reverses in imported}
    return imported | reversals


def check_imports(world: World, importers: Importers, log: RequestLog) -> None:
    """Check every imported entry, reversal and claim at the end of a scenario."""
    stored = _stored(world)
    all_reversals = [each for each in stored.values() if each.entry.reverses]
    reversals = {str(each.entry.reverses): each for each in all_reversals}
    check(len(reversals) == len(all_reversals), DOUBLED, "an entry is reversed twice")
    by_row: dict[tuple[str, str], list[StoredEntry]] = {}
    for each in stored.values():
        if each.identity is not None:
            by_row.setdefault((each.entry.merchant_id, each.identity), []).append(each)
    known = {(row.merchant_id, row.identity): row for row in importers.rows}
    check(by_row.keys() <= known.keys(), DOUBLED, "an entry has an identity that no row has")
    claims = _claims(world, importers, stored, reversals)
    last = {file.merchant_id: file for file in importers.imports}
    for key, row in known.items():
        entries = by_row.get(key, [])
        _check_row(entries, reversals, row, importers, log)
        if row.merchant_id in last:
            is_claimed = key in claims
            _check_in_the_book(entries, reversals, row, last[row.merchant_id], is_claimed)
    for file in importers.imports:
        missing = set(file.created.values()) - stored.keys()
        check(not missing, LOST, f"{file.import_id} created {missing}")


def _check_row(
    entries: list[StoredEntry],
    reversals: Reversals,
    row: BankRow,
    importers: Importers,
    log: RequestLog,
) -> None:
    files = {file.import_id: file for file in importers.imports}
    live = [each for each in entries if each.entry.entry_id not in reversals]
    check(len(live) <= 1, DOUBLED, f"{row.identity} is in the book {len(live)} times")
    creators = [each.import_id for each in entries]
    check(len(creators) == len(set(creators)), DOUBLED, f"{row.identity} is of {creators}")
    for each in entries:
        file = files[str(each.import_id)]
        check(row in file.rows, DOUBLED, f"{file.import_id} does not have {row.identity}")
        reversal = reversals.get(each.entry.entry_id)
        _check_content(each, row, reversal, importers, log)
        if file.state == "undone":
            check(reversal is not None, LOST, f"{file.import_id} did not undo {row.identity}")
        elif reversal is not None:
            check(reversal.import_id is None, LOST, f"{file.import_id} was not undone")


def _check_content(
    stored: StoredEntry,
    row: BankRow,
    reversal: StoredEntry | None,
    importers: Importers,
    log: RequestLog,
) -> None:
    entry, content = stored.entry, row.content
    sides = {"credit": 1, "debit": -1}
    values = (sides[entry.type] * entry.amount_minor, entry.account, entry.day)
    expected = (content.amount_minor, content.account, content.day)
    check(values == expected, DRIFT, "{} is {}, not {}", row.identity, values, expected)
    request = importers.entries.get(entry.entry_id)
    if request is not None:
        check_content(entry, request, log)
    if reversal is None:
        return
    undone = reversal.entry
    same = ("amount_minor", "currency", "account", "category", "merchant_id")
    is_opposite = undone.type != entry.type and all(
        getattr(undone, name) == getattr(entry, name) for name in same
    )
    check(is_opposite, DRIFT, "{} does not reverse {}", undone, entry)
    if reversal.import_id is None:
        moment = datetime.fromisoformat(undone.occurred_at)
        check(undone.day == business_day(moment), DRIFT, f"a reversal is on {undone.day}")
        check(request is not None, DOUBLED, f"nobody has reversed {entry.entry_id}")
        assert request is not None
        check_content(undone, request, log)
    else:
        when, then = (undone.day, undone.occurred_at), (entry.day, entry.occurred_at)
        check(when == then, DRIFT, f"{entry.entry_id} of {then} is undone on {when}")
        check(reversal.import_id == stored.import_id, DOUBLED, f"{undone} is of another import")
        check(undone.description in (REASON, None), DRIFT, f"it says {undone.description}")


def _check_in_the_book(
    entries: list[StoredEntry],
    reversals: Reversals,
    row: BankRow,
    last: Import,
    is_claimed: bool,
) -> None:
    result = last.results.get(row.identity)
    check(result is not None, LOST, f"{last.import_id} did not record {row.identity}")
    live = [each for each in entries if each.entry.entry_id not in reversals]
    by_hand = [reversals.get(each.entry.entry_id) for each in entries]
    is_reversed_by_hand = any(each is not None and each.import_id is None for each in by_hand)
    is_missing = not (live or is_reversed_by_hand or is_claimed)
    check(not is_missing, LOST, f"{row.identity} is not in the book after all imports")
    is_twice = bool(live) and (is_reversed_by_hand or is_claimed)
    check(not is_twice, DOUBLED, f"{row.identity} is in the book, and reversed or claimed")


def _claims(
    world: World, importers: Importers, stored: Mapping[str, StoredEntry], reversals: Reversals
) -> set[tuple[str, str]]:
    """Return the rows that are the same as an entry, by merchant and identity.

    A claim has ended when the undo of its import, or of that of the entry, has finished. Raises
    InvariantError if two rows of imports that are not undone claim one entry.
    """
    undone = {file.import_id for file in importers.imports if file.state == "undone"}
    records = [stored_item(item) for item in world.table.items.values() if not is_entry(item)]
    rows = [
        record
        for record in records
        if isinstance(record, IdempotencyRecord)
        and record.operation == "bank-row"
        and record.import_id not in undone
        and not _is_undone(str(record.outcome), stored, reversals, undone)
    ]
    claimed = [record.outcome for record in rows]
    check(len(claimed) == len(set(claimed)), DOUBLED, "an entry is claimed twice: {}", claimed)
    generations = range(1, len(importers.imports) + 2)
    keys = {
        imported_entry_id(row.merchant_id, row.identity, number): (row.merchant_id, row.identity)
        for row in importers.rows
        for number in generations
    }
    return {keys[record.key_id] for record in rows}


def _is_undone(
    entry_id: str, stored: Mapping[str, StoredEntry], reversals: Reversals, undone: set[str]
) -> bool:
    source, reversal = stored[entry_id].import_id, reversals.get(entry_id)
    return source in undone and reversal is not None and reversal.import_id == source


def _stored(world: World) -> dict[str, StoredEntry]:
    items = world.table.items
    return {name: stored_entry(item) for name, item in items.items() if is_entry(item)}
