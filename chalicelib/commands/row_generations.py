"""Which generation of a row's identity is the newest, and which import has recorded it.

The ledger alone decides. A generation ends when the undo of the import that recorded it has
finished, unless somebody had reversed its entry by hand: such a row is never recorded again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from chalicelib.commands.concurrency import read_many
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.entries import reversal_id_of
from chalicelib.ledger.imported_entries import imported_entry_id, undo_finished_id
from chalicelib.runtime.clients import BATCH_WORKERS
from chalicelib.storage.dynamodb_items import ImportMark

Identities = Sequence[str]
"""A row's identities by each version of the algorithm, the newest first."""


class Generation(NamedTuple):
    """A generation of a row's identity: the id of its entry, and who recorded it, if anybody.

    `number` is from 1; it is above 1 for a row that was recorded and undone before.
    """

    number: int
    entry_id: str
    mark: ImportMark | None


def generations(
    ports: CommandPorts,
    merchant_id: str,
    rows: Sequence[Identities],
    import_id: str | None = None,
    workers: int = BATCH_WORKERS,
) -> list[Generation]:
    """Return the generation in which each row is recorded, or else may be recorded.

    A row that an older version of the algorithm recorded is found by its older identity. What
    `import_id` has recorded is found even if that import is undone: it records a row only once. Its
    claim is found, too, unless the claimed entry was undone: then the row has no entry.
    """
    newest: dict[str, Generation] = {}
    unknown = {identity: 1 for identities in rows for identity in identities}
    while unknown:
        current = {
            identity: (imported_entry_id(merchant_id, identity, number), number)
            for identity, number in unknown.items()
        }
        ids = [entry_id for entry_id, _ in current.values()]
        marks = read_many(ports.ledger.import_marks, ids, workers)
        ended = _ended(ports, merchant_id, marks, import_id, workers)
        unknown = {}
        for identity, (entry_id, number) in current.items():
            if entry_id in ended:
                unknown[identity] = number + 1
            else:
                newest[identity] = Generation(number, entry_id, marks.get(entry_id))
    return [_generation_of(identities, newest) for identities in rows]


def undone_imports(
    ports: CommandPorts, merchant_id: str, import_ids: Iterable[str], workers: int = BATCH_WORKERS
) -> set[str]:
    """Return those of a merchant's imports whose undo has finished."""
    # Sorted, so that the same imports are always read by the same request.
    records = {undo_finished_id(merchant_id, name): name for name in sorted(set(import_ids))}
    finished = read_many(ports.ledger.import_marks, list(records), workers)
    return {records[record_id] for record_id in finished}


def _generation_of(identities: Identities, newest: Mapping[str, Generation]) -> Generation:
    if len(identities) == 1:
        return newest[identities[0]]
    versions = [newest[identity] for identity in identities]
    recorded = (version for version in versions if version.mark)
    number = max(version.number for version in versions)
    return next(recorded, versions[0]._replace(number=number))


def _ended(
    ports: CommandPorts,
    merchant_id: str,
    marks: Mapping[str, ImportMark],
    import_id: str | None,
    workers: int,
) -> set[str]:
    """Return which of these items belong to a generation that has ended.

    An entry ends only if the undo of its import has reversed it. A claim ends with its import, and
    with the entry that it claims. The undo of `import_id` itself ends nothing.
    """
    claimed = dict.fromkeys(mark.outcome for mark in marks.values() if mark.outcome)
    entries = read_many(ports.ledger.import_marks, list(claimed), workers)
    entries |= {name: mark for name, mark in marks.items() if not mark.outcome}
    imports = {mark.import_id for mark in [*marks.values(), *entries.values()]} - {import_id}
    undone = undone_imports(ports, merchant_id, filter(None, imports), workers)
    of_undone = {name: mark for name, mark in entries.items() if mark.import_id in undone}
    undone_entries = _reversed_by_undo(ports, of_undone, workers)
    return {
        name
        for name, mark in marks.items()
        if (mark.outcome or name) in undone_entries or (mark.outcome and mark.import_id in undone)
    }


def _reversed_by_undo(
    ports: CommandPorts, entries: Mapping[str, ImportMark], workers: int
) -> set[str]:
    """Return which of these entries were reversed by their own import, not by hand."""
    reversals = {reversal_id_of(entry_id): entry_id for entry_id in entries}
    written = read_many(ports.ledger.import_marks, list(reversals), workers)
    return {
        reversals[reversal_id]
        for reversal_id, mark in written.items()
        if mark.import_id == entries[reversals[reversal_id]].import_id
    }
