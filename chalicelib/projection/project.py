"""Project a batch of stream records: the read model first, then the queue, then the memory.

A crash anywhere between leaves a batch that comes again and changes nothing twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

from chalicelib import observability
from chalicelib.projection.additions import alarm_of_differing, insert_bisecting
from chalicelib.projection.entry_changes import EntryChange, UnprojectableRecordError
from chalicelib.projection.stream_records import Record, change_of, event_id, name_of


@dataclass(frozen=True, slots=True)
class Ports:
    """What the projection works with."""

    read_model: "ReadModelWrites"
    quarantine: "DeadLetters"
    memory: "DedupCache"


@dataclass(frozen=True, slots=True)
class Projected:
    """What became of a batch; `known` were processed before by Redis's word, `new` are added.

    `duplicates` are entries that the read model held already, by its own word.
    """

    records: int
    known: int = 0
    new: int = 0
    duplicates: int = 0
    erased: int = 0
    differing: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """A record that can never be projected, and why."""

    record: Record
    reason: str


def project(records: Sequence[Record], ports: Ports) -> Projected:
    """Bring a batch of DynamoDB stream records, in their order, into the read model.

    Records that can never succeed are parked whole, the rest goes on. Raises whatever may go away
    by itself (PostgreSQL or SQS out of reach), so that the stream brings the whole batch again.
    """
    named = [(event_id(record), record) for record in records]
    ids = [result for result, _record in named if result]
    known = ports.memory.known(ids)
    fresh = [record for result, record in named if result not in known]
    batch = _group(fresh)
    outcome = _apply(batch, len(records), len(records) - len(fresh), ports)
    if fresh:
        ports.memory.remember(ids)
    _tell(outcome, batch.changes.values())
    return outcome


class _Batch:
    """Changes by entry, newest last, the records that they came from, and what is poison."""

    def __init__(self) -> None:
        self.changes: dict[str, EntryChange] = {}
        self.records: defaultdict[str, list[Record]] = defaultdict(list)
        self.differing: list[str] = []
        self.parked: list[Parked] = []

    def take(self, record: Record, change: EntryChange) -> None:
        """Add a change; one that erases replaces the one before, another content is an alarm."""
        before = self.changes.get(change.entry_id)
        self.records[change.entry_id].append(record)
        if before is not None and before.digest != change.digest:
            self.differing.append(change.entry_id)
        elif before is None or change.erased:
            self.changes[change.entry_id] = change


def _group(records: Iterable[Record]) -> _Batch:
    batch = _Batch()
    for record in records:
        try:
            change = change_of(record)
        except UnprojectableRecordError as poison:
            batch.parked.append(Parked(record, str(poison)))
        else:
            if change is not None:
                batch.take(record, change)
    return batch


def _apply(batch: _Batch, records: int, known: int, ports: Ports) -> Projected:
    changes = list(batch.changes.values())
    additions = insert_bisecting(ports.read_model, changes)
    differing = batch.differing + _differing(ports.read_model, changes, additions.new)
    erased = [change.entry_id for change in changes if change.erased]
    if erased:
        ports.read_model.erase(erased)
    refused = [
        Parked(record, reason)
        for change, reason in additions.refused
        for record in batch.records[change.entry_id]
    ]
    alarm_of_differing(differing)
    _park(batch.parked + refused, ports.quarantine)
    return Projected(
        records=records,
        known=known,
        new=additions.new,
        duplicates=max(0, len(changes) - additions.new - len(additions.refused) - len(erased)),
        erased=len(erased),
        differing=len(differing),
        parked=len(batch.parked) + len(refused),
    )


def _differing(
    read_model: "ReadModelWrites", changes: Sequence[EntryChange], new: int
) -> list[str]:
    # An entry that is new differs from nothing; this is asked only of a batch that came again.
    return read_model.differing(changes) if new < len(changes) else []


def _park(parked: Sequence[Parked], quarantine: "DeadLetters") -> None:
    if not parked:
        return
    quarantine.send(parked)
    observability.count("RecordsParked", len(parked))
    for one in parked:
        observability.log("record_parked", entry_id=name_of(one.record), reason=one.reason)


def _tell(outcome: Projected, changes: Collection[EntryChange]) -> None:
    observability.log("batch_projected", **asdict(outcome))
    observability.count("ProjectionBatchSize", outcome.records)
    observability.count("EntriesProjected", outcome.new)
    observability.count("EntriesDuplicate", outcome.known + outcome.duplicates)
    entries = [change.entry for change in changes if not change.erased]
    if entries:
        observability.count_since("ProjectionLag", min(entry.recorded_at for entry in entries))
    observability.trace_link(entry.origin for entry in entries)


class ReadModelWrites(Protocol):
    """The read model as it is written: PostgreSQL, or the simulation's memory."""

    def add(self, changes: Sequence[EntryChange]) -> int:
        """Add what is not there, all or nothing; return how many were new."""
        ...

    def differing(self, changes: Sequence[EntryChange]) -> list[str]:
        """Return the ids held with another content."""
        ...

    def erase(self, entry_ids: Sequence[str]) -> None:
        """Remove description and metadata of these entries."""
        ...


class DeadLetters(Protocol):
    """Where records go that can never succeed: SQS, or the simulation's memory."""

    def send(self, parked: Sequence[Parked]) -> None:
        """Keep the records; raise when that cannot be done now."""
        ...


class DedupCache(Protocol):
    """Which records were processed: Redis, or the simulation's memory. It may forget."""

    def known(self, event_ids: Sequence[str]) -> set[str]:
        """Return those that were certainly processed."""
        ...

    def remember(self, event_ids: Sequence[str]) -> None:
        """Remember them, or not."""
        ...
