"""Undo an import: reverse each of its entries on the entry's own day, and release its claims.

The undo has begun and finished by one item each. The second one ends the generations of all rows
of the import, and its claims, at once; until then its rows are duplicates.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from chalicelib.commands.concurrency import concurrently, read_many
from chalicelib.commands.get_entry import correction_in
from chalicelib.commands.idempotency import import_record
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.row_generations import Identities, generations
from chalicelib.ledger.category_corrections import current_category
from chalicelib.ledger.entries import correction_id_of
from chalicelib.ledger.idempotency import OriginalRequest, fingerprint
from chalicelib.ledger.imported_entries import undo_begun_id, undo_finished_id, undo_reversal
from chalicelib.ledger.principal import Principal
from chalicelib.runtime.clients import BATCH_WORKERS
from chalicelib.storage.dynamodb_items import StoredEntry


class UndoCounts(NamedTuple):
    """How many entries of an import its undo has reversed, and how many were reversed before."""

    reversed: int = 0
    already_reversed: int = 0


def begin_undo(ports: CommandPorts, principal: Principal, import_id: str) -> None:
    """Store that the undo of an import has begun, before its first reversal.

    From now on no request that still records this import begins a new generation of a row. Raises
    LedgerUnavailableError.
    """
    _store(ports, principal, import_id, undo_begun_id(principal.merchant_id, import_id))


def undo_rows(
    ports: CommandPorts,
    principal: Principal,
    import_id: str,
    rows: Sequence[Identities],
    reason: str,
    workers: int = BATCH_WORKERS,
) -> UndoCounts:
    """Reverse the entries that an import has created of these rows, each on its own day.

    Rows that other imports have recorded are left alone, so that a row which was noted as a
    duplicate may be among them. The same rows again have the same counts, and reverse nothing.
    Raises LedgerUnavailableError; some of the entries may have been reversed then.
    """
    states = generations(ports, principal.merchant_id, rows, import_id, workers)
    ids = [
        generation.entry_id
        for generation in states
        if generation.mark and generation.mark == (import_id, None)
    ]
    now = ports.clock()

    def undo(stored: StoredEntry) -> bool:
        context = ports.recording_context(principal, now)
        request = OriginalRequest(f"undo/{import_id}", {"reason": reason})
        reversal = StoredEntry(
            undo_reversal(stored.entry, reason, context),
            fingerprint(request, context.salt),
            import_id,
        )
        existing = ports.ledger.insert(reversal)
        is_ours = isinstance(existing, StoredEntry) and existing.import_id == import_id
        return existing is None or is_ours

    originals = _originals(ports, ids, workers)
    undone = sum(concurrently(undo, originals, workers))
    return UndoCounts(undone, len(originals) - undone)


def _originals(ports: CommandPorts, ids: Sequence[str], workers: int) -> list[StoredEntry]:
    """Return entries with their current categories, which their reversals take.

    So both are in the totals of one category.
    """
    corrections = [correction_id_of(entry_id) for entry_id in ids]
    items = read_many(ports.ledger.read, [*ids, *corrections], workers)
    originals = []
    for entry_id in ids:
        stored = items.get(entry_id)
        if isinstance(stored, StoredEntry):
            category = current_category(stored.entry, correction_in(items, entry_id))
            originals.append(replace(stored, entry=stored.entry._replace(category=category)))
    return originals


def finish_undo(ports: CommandPorts, principal: Principal, import_id: str) -> None:
    """Store that every entry of an import is reversed, so that its rows may be imported again.

    Raises LedgerUnavailableError.
    """
    _store(ports, principal, import_id, undo_finished_id(principal.merchant_id, import_id))


def _store(ports: CommandPorts, principal: Principal, import_id: str, record_id: str) -> None:
    request = OriginalRequest(f"undo/{import_id}", {})
    record = import_record(
        principal.merchant_id, record_id, request, outcome=import_id, import_id=import_id
    )
    ports.ledger.insert_key(record)
