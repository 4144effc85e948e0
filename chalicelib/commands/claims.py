"""Claims: a row of a bank file that is the same as an entry claims it instead of recording another.

The row's record, which takes the place of its entry, and the claim are written together, so that
an entry is claimed once, whatever the order of files. A claim ends when the undo of its import has
finished, or that of the entry's import, which has reversed the entry.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.commands.concurrency import read_many
from chalicelib.commands.idempotency import import_record
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.row_generations import undone_imports
from chalicelib.ledger.entries import Entry, reversal_id_of
from chalicelib.ledger.idempotency import OriginalRequest
from chalicelib.ledger.imported_entries import claim_id
from chalicelib.runtime.clients import BATCH_WORKERS
from chalicelib.storage.dynamodb_items import ImportMark, StoredEntry

_NO_CLAIM = ImportMark(None)


class Candidate(NamedTuple):
    """An entry that a row may be the same as.

    `import_id` is the import that recorded it, and `identity` the row that it was recorded from;
    both are None if it was recorded by hand, and remain when its texts are erased. `claimed_by`
    is the id of the record of the row that has claimed it, `claimed_from` that row's import,
    `released` the import of an earlier claim, whose undo has finished.
    """

    entry: Entry
    import_id: str | None
    identity: str | None
    claimed_by: str | None
    claimed_from: str | None
    released: str | None
    is_reversed: bool

    @property
    def is_free(self) -> bool:
        """Whether a row may claim it."""
        return self.claimed_by is None and not self.is_reversed and self.entry.reverses is None


def candidates(
    ports: CommandPorts,
    merchant_id: str,
    entry_ids: Sequence[str],
    workers: int = BATCH_WORKERS,
) -> dict[str, Candidate]:
    """Return a merchant's entries by their ids, without ids that are no entry of the merchant.

    Raises LedgerUnavailableError.
    """
    items = read_many(ports.ledger.read, entry_ids, workers)
    entries = {
        entry_id: stored
        for entry_id, stored in items.items()
        if isinstance(stored, StoredEntry) and stored.entry.merchant_id == merchant_id
    }
    ids = [make_id(entry_id) for entry_id in entries for make_id in (claim_id, reversal_id_of)]
    marks = read_many(ports.ledger.import_marks, ids, workers)
    claims = {name: marks.get(claim_id(name), _NO_CLAIM) for name in entries}
    claimants = {mark.import_id for mark in claims.values() if mark.import_id}
    undone = undone_imports(ports, merchant_id, claimants, workers)
    result = {}
    for entry_id, stored in entries.items():
        mark = claims[entry_id]
        is_released = mark.import_id in undone
        result[entry_id] = Candidate(
            stored.entry,
            stored.import_id,
            stored.identity,
            claimed_by=None if is_released else mark.outcome,
            claimed_from=None if is_released else mark.import_id,
            released=mark.import_id if is_released else None,
            is_reversed=reversal_id_of(entry_id) in marks,
        )
    return result


def claim(
    ports: CommandPorts, row: OriginalRequest, row_id: str, import_id: str, candidate: Candidate
) -> bool:
    """Let a row claim a free entry; return False where somebody was faster.

    The entry may have been claimed or reversed, or the row recorded, since they were read.
    """
    entry = candidate.entry
    merchant_id, entry_id = entry.merchant_id, entry.entry_id
    return ports.ledger.insert_claim(
        import_record(merchant_id, row_id, row, entry_id, import_id),
        import_record(
            merchant_id,
            claim_id(entry_id),
            OriginalRequest(f"claim/{entry_id}", {}),
            outcome=row_id,
            import_id=import_id,
        ),
        released=candidate.released,
        unless=reversal_id_of(entry_id),
    )
