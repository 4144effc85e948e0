"""Project a batch of stream records: into the read model, the dead letters, then the dedup cache.

After a crash at any point the batch is delivered again, and nothing takes effect twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from chalicelib import observability
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.projection.category_changes import UnprojectableRecordError, newest
from chalicelib.projection.dead_letters import DeadLetter
from chalicelib.projection.entry_changes import (
    EntryChange,
    Record,
    change_of,
    entry_id_of,
    event_id,
)
from chalicelib.projection.writer import insert_bisecting
from chalicelib.storage.postgres import StatementTimeoutError


@dataclass(frozen=True, slots=True)
class Ports:
    """What the projection works with."""

    read_model: "ReadModelWriter"
    dead_letters: "DeadLetters"
    dedup_cache: "DedupCache"


@dataclass(frozen=True, slots=True)
class Projected:
    """The result of a batch, as it is logged.

    `known` records were projected before according to Redis; `duplicates` are entries that the read
    model held already; `corrected` are corrections of categories that were newer than what it
    held; `differing` entries have another content there; `parked` records were sent to the dead
    letters.
    """

    records: int
    known: int = 0
    new: int = 0
    duplicates: int = 0
    erased: int = 0
    corrected: int = 0
    differing: int = 0
    parked: int = 0


def project(records: Sequence[Record], ports: Ports) -> Projected:
    """Apply a batch of DynamoDB stream records, in their order, to the read model.

    Records that can never succeed are sent to the dead letters. Raises any error that may be
    temporary, such as PostgreSQL or SQS out of reach, so that the stream delivers the batch again.
    While a repair locks a merchant, the others' entries are added before it raises.
    """
    events = [(event_id(record), record) for record in records]
    ids = [event for event, _record in events if event]
    known = ports.dedup_cache.known(ids)
    fresh = [record for event, record in events if event not in known]
    batch = _group(fresh)
    try:
        result = _apply(batch, len(records), len(records) - len(fresh), ports)
    except StatementTimeoutError:
        _apply_unlocked(batch, ports)
        raise
    if fresh:
        ports.dedup_cache.add(ids)
    _log_result(result, batch.changes.values())
    return result


def log_differing(entry_ids: Iterable[str]) -> None:
    """Raise the alarm for entries whose content differs from what the read model holds.

    The ledger never changes an entry, so somebody altered the ledger or the read model.
    """
    for entry_id in entry_ids:
        observability.log("entry_differs", entry_id=entry_id)
        observability.count("EntriesDiffering")


class _Batch:
    """The newest change of each entry, the records of each entry, and what cannot be projected.

    `corrections` are those of categories, in any order.
    """

    def __init__(self) -> None:
        self.corrections: list[CategoryCorrection] = []
        self.changes: dict[str, EntryChange] = {}
        self.records: defaultdict[str, list[Record]] = defaultdict(list)
        self.differing: list[str] = []
        self.dead_letters: list[DeadLetter] = []

    def add(self, record: Record, change: EntryChange) -> None:
        """Add a change; an erasure replaces an earlier one, another content is an alarm."""
        earlier = self.changes.get(change.entry_id)
        self.records[change.entry_id].append(record)
        if earlier is not None and earlier.digest != change.digest:
            self.differing.append(change.entry_id)
        elif earlier is None or change.erased:
            self.changes[change.entry_id] = change


def _group(records: Iterable[Record]) -> _Batch:
    batch = _Batch()
    for record in records:
        try:
            change = change_of(record)
        except UnprojectableRecordError as error:
            batch.dead_letters.append(DeadLetter(record, str(error)))
        else:
            if isinstance(change, CategoryCorrection):
                batch.corrections.append(change)
            elif change is not None:
                batch.add(record, change)
    return batch


def _apply(batch: _Batch, records: int, known: int, ports: Ports) -> Projected:
    changes = list(batch.changes.values())
    inserted = insert_bisecting(ports.read_model, changes)
    # Only a batch that was delivered before can hold an entry that differs from its row.
    held_before = inserted.new < len(changes)
    differing = batch.differing + (ports.read_model.differing(changes) if held_before else [])
    erased = [change.entry_id for change in changes if change.erased]
    if erased:
        ports.read_model.erase(erased)
    corrections = newest(batch.corrections)
    corrected = ports.read_model.correct(corrections) if corrections else 0
    dead_letters = batch.dead_letters + [
        DeadLetter(record, reason)
        for change, reason in inserted.rejected
        for record in batch.records[change.entry_id]
    ]
    log_differing(differing)
    _send(dead_letters, ports.dead_letters)
    return Projected(
        records=records,
        known=known,
        new=inserted.new,
        duplicates=max(0, len(changes) - inserted.new - len(inserted.rejected) - len(erased)),
        erased=len(erased),
        corrected=corrected,
        differing=len(differing),
        parked=len(dead_letters),
    )


def _apply_unlocked(batch: _Batch, ports: Ports) -> None:
    """Apply what does not wait for merchants that a repair locks, if there are any."""
    changes, corrections = batch.changes.values(), newest(batch.corrections)
    merchants = {change.entry.merchant_id for change in changes}
    merchants |= {correction.merchant_id for correction in corrections}
    locked = ports.read_model.locked(merchants)
    unlocked = [change for change in changes if change.entry.merchant_id not in locked]
    corrections = [each for each in corrections if each.merchant_id not in locked]
    observability.log("merchants_locked", merchants=len(locked), unlocked_entries=len(unlocked))
    if not locked:
        return
    if corrections:
        ports.read_model.correct(corrections)
    if unlocked:
        insert_bisecting(ports.read_model, unlocked)
        erased = [change.entry_id for change in unlocked if change.erased]
        if erased:
            ports.read_model.erase(erased)


def _send(letters: Sequence[DeadLetter], dead_letters: "DeadLetters") -> None:
    if not letters:
        return
    dead_letters.send(letters)
    observability.count("RecordsParked", len(letters))
    for letter in letters:
        entry_id = entry_id_of(letter.record)
        observability.log("record_parked", entry_id=entry_id, reason=letter.reason)


def _log_result(result: Projected, changes: Collection[EntryChange]) -> None:
    observability.log("batch_projected", **asdict(result))
    observability.count("ProjectionBatchSize", result.records)
    observability.count("EntriesProjected", result.new)
    observability.count("EntriesDuplicate", result.known + result.duplicates)
    entries = [change.entry for change in changes if not change.erased]
    if entries:
        observability.count_since("ProjectionLag", min(entry.recorded_at for entry in entries))
    observability.trace_link(entry.origin for entry in entries)


class ReadModelWriter(Protocol):
    """The read model as the projection writes it: PostgreSQL, or the simulation's memory."""

    def add(self, changes: Sequence[EntryChange]) -> int:
        """Add the entries that are new, all of them or none; return their number."""
        ...

    def correct(self, corrections: Sequence[CategoryCorrection]) -> int:
        """Apply corrections of different entries, where they are newer; return how many were."""
        ...

    def locked(self, merchants: Collection[str]) -> set[str]:
        """Return the merchants that somebody else locks now, without waiting for them."""
        ...

    def differing(self, changes: Sequence[EntryChange]) -> list[str]:
        """Return the ids that are held with another content."""
        ...

    def erase(self, entry_ids: Sequence[str]) -> None:
        """Remove description and metadata of these entries."""
        ...


class DeadLetters(Protocol):
    """The queue of records that can never succeed: SQS, or the simulation's memory."""

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Store the records, or raise."""
        ...


class DedupCache(Protocol):
    """The ids of projected records: Redis, or the simulation's memory. It may lose any of them."""

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Return the ids that are certainly projected."""
        ...

    def add(self, event_ids: Sequence[str]) -> None:
        """Add ids, if possible."""
        ...
