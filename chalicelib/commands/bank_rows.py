"""Record the rows of a bank file: each becomes an entry once, or claims one that exists.

The identity of a row is its idempotency key, so that repeating a file, overlapping files, and two
people at once record the same entries once. Everything here may be repeated after a crash.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from chalicelib.commands.claims import Candidate, candidates, claim
from chalicelib.commands.concurrency import concurrently
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.row_generations import Generation, Identities, generations
from chalicelib.ledger.entries import EntryDraft
from chalicelib.ledger.errors import (
    ImportConflictError,
    LedgerUnavailableError,
    NotFoundError,
    ValidationError,
)
from chalicelib.ledger.idempotency import OriginalRequest, fingerprint
from chalicelib.ledger.imported_entries import undo_begun_id
from chalicelib.ledger.instants import parse_instant
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.record import check_recordable, make_entry
from chalicelib.runtime.clients import BATCH_WORKERS
from chalicelib.storage.dynamodb_items import StoredEntry

_ATTEMPTS = 20
"""Each failed attempt means that somebody else recorded some of the same rows at this moment."""
_ENTRIES_AT_ONCE = 99
"""A request writes up to 100 items together, and one of them is the check for an undo."""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A row to record: its identities, its draft, and the entry that it is the same as, or None."""

    identities: Identities
    draft: EntryDraft
    same: str | None = None


class RowResult(NamedTuple):
    """What became of a row, the entry that it created or repeats, or why it was refused.

    `needs_decision` means that the entry that this row is the same as was reversed, or that another
    row has claimed it; nothing was recorded.
    """

    outcome: Literal["created", "duplicate", "refused", "needs_decision"]
    entry_id: str | None = None
    reason: str | None = None


class RecordedRow(NamedTuple):
    """The entry of a row that was recorded before, and the import that recorded or claimed it."""

    entry_id: str
    import_id: str | None
    is_claim: bool


def recorded_rows(
    ports: CommandPorts,
    merchant_id: str,
    rows: Sequence[Identities],
    workers: int = BATCH_WORKERS,
) -> list[RecordedRow | None]:
    """Return for each row the entry that it would be a duplicate of, or None if it is new.

    A row is new again once the undo of its import has finished, unless its entry had been reversed
    by hand. Raises LedgerUnavailableError.
    """
    return [
        generation.mark
        and RecordedRow(
            generation.mark.outcome or generation.entry_id,
            generation.mark.import_id,
            is_claim=generation.mark.outcome is not None,
        )
        for generation in generations(ports, merchant_id, rows, workers=workers)
    ]


def record_rows(
    ports: CommandPorts,
    principal: Principal,
    import_id: str,
    rows: Sequence[RecordRow],
    workers: int = BATCH_WORKERS,
) -> list[RowResult]:
    """Record the rows of an import; return what became of each, in order.

    The same rows again have the same results, and create nothing. Raises NotFoundError when a row
    is the same as something that is no entry of the merchant, ConflictError when the undo of the
    import has begun, LedgerUnavailableError; some of the rows may have been recorded then.
    """
    attempt = _Attempt(ports, principal, import_id, ports.clock(), workers)
    results: dict[int, RowResult] = {}
    for _ in range(_ATTEMPTS):
        waiting = {at: row for at, row in enumerate(rows) if at not in results}
        if not waiting:
            break
        done = attempt.record(list(waiting.values()))
        results |= {at: result for at, result in zip(waiting, done, strict=True) if result}
    if len(results) < len(rows):
        raise LedgerUnavailableError("The ledger is busy with these rows; send the request again.")
    return [results[at] for at in range(len(rows))]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Reads what is recorded of rows, and writes the rest where nobody is faster."""

    ports: CommandPorts
    principal: Principal
    import_id: str
    now: datetime
    workers: int

    def record(self, rows: Sequence[RecordRow]) -> list[RowResult | None]:
        """Return the results of rows, None for those that somebody else recorded meanwhile."""
        merchant_id, identities = self.principal.merchant_id, [row.identities for row in rows]
        states = generations(self.ports, merchant_id, identities, self.import_id, self.workers)
        claimed = [row.same for row in rows if row.same is not None]
        entries = candidates(self.ports, merchant_id, claimed, self.workers)
        new: dict[str, StoredEntry] = {}
        repeated: dict[str, StoredEntry] = {}
        results: list[RowResult | None] = []
        for row, generation in zip(rows, states, strict=True):
            result = self._result(row, generation, entries)
            if result is None and row.same is None:
                to_insert = new if generation.number == 1 else repeated
                to_insert[generation.entry_id] = self._entry(row, generation.entry_id)
            results.append(result)
        created = {*self._insert(list(new.values())), *self._insert_repeated([*repeated.values()])}
        return [
            result or (RowResult("created", entry_id) if entry_id in created else None)
            for result, (_, entry_id, _) in zip(results, states, strict=True)
        ]

    def _result(
        self, row: RecordRow, generation: Generation, entries: Mapping[str, Candidate]
    ) -> RowResult | None:
        """Return the result of a row for which no entry is inserted; it may claim one here."""
        mark = generation.mark
        if mark is not None:
            is_own = mark.import_id == self.import_id and mark.outcome is None
            entry_id = mark.outcome or generation.entry_id
            return RowResult("created" if is_own else "duplicate", entry_id)
        if row.same is not None:
            return self._claim(row, generation, entries)
        return self._rule_error(row)

    def _claim(
        self, row: RecordRow, generation: Generation, entries: Mapping[str, Candidate]
    ) -> RowResult | None:
        candidate = entries.get(str(row.same))
        if candidate is None:
            raise NotFoundError(f"There is no entry {row.same}; a row cannot be the same as it.")
        if candidate.claimed_by == generation.entry_id:
            return None  # by this row, since it was read
        if not candidate.is_free:
            return RowResult("needs_decision")
        is_claimed = claim(
            self.ports, _request(row), generation.entry_id, self.import_id, candidate
        )
        return RowResult("duplicate", row.same) if is_claimed else None

    def _rule_error(self, row: RecordRow) -> RowResult | None:
        try:
            occurred = parse_instant(row.draft.occurred_at or "")
            check_recordable(occurred, row.draft.currency, self.now, self.ports.zone)
        except ValidationError as error:
            return RowResult("refused", reason=error.detail)
        return None

    def _entry(self, row: RecordRow, entry_id: str) -> StoredEntry:
        context = self.ports.recording_context(self.principal, self.now)
        entry = make_entry(row.draft, context, entry_id)
        request = fingerprint(_request(row), context.salt)
        return StoredEntry(entry, request, self.import_id, row.identities[0])

    def _insert(self, entries: Sequence[StoredEntry]) -> list[str]:
        """Write entries of first generations; return the ids of those that this import wrote."""
        existing = concurrently(self.ports.ledger.insert, entries, self.workers)
        return [
            stored.entry.entry_id
            for stored, other in zip(entries, existing, strict=True)
            if other is None
            or (isinstance(other, StoredEntry) and other.import_id == self.import_id)
        ]

    def _insert_repeated(self, entries: Sequence[StoredEntry]) -> list[str]:
        """Write entries of later generations, unless this import is being undone.

        Of two requests that record an import at once, the slower one may read that the undo of an
        earlier import has ended a generation, and begin the next one, only after the faster one has
        ended and this import was undone as well. Nobody would ever reverse what it then recorded.
        """
        undo_id = undo_begun_id(self.principal.merchant_id, self.import_id)
        inserted: list[str] = []
        for start in range(0, len(entries), _ENTRIES_AT_ONCE):
            part = entries[start : start + _ENTRIES_AT_ONCE]
            is_written = self.ports.ledger.insert_unless(part, undo_id)
            if is_written is None:
                raise ImportConflictError(
                    "undoing", "This import is being undone, so it cannot be recorded."
                )
            if is_written:
                inserted += [stored.entry.entry_id for stored in part]
        return inserted


def _request(row: RecordRow) -> OriginalRequest:
    # The identity alone: what rules or people add to a row does not make it another one.
    return OriginalRequest("bank-row", {"identity": row.identities[0]})
