"""Add entries to the read model and find the ones that it will never take."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib import observability
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.storage.postgres import ValueRejectedError


@dataclass(frozen=True, slots=True)
class Additions:
    """What became of changes: how many were new, and which were refused for which reason."""

    new: int
    refused: tuple[tuple[EntryChange, str], ...] = ()

    def plus(self, other: "Additions") -> "Additions":
        """Return both together."""
        return Additions(self.new + other.new, self.refused + other.refused)


def insert_bisecting(read_model: "Additive", changes: Sequence[EntryChange]) -> Additions:
    """Add changes of different ids; halve what is refused until the culprits stand alone.

    Raises whatever may go away by itself; then some of the changes may have been added, which does
    no harm: adding them again adds nothing.
    """
    if not changes:
        return Additions(0)
    try:
        return Additions(read_model.add(changes))
    except ValueRejectedError as refusal:
        if len(changes) == 1:
            return Additions(0, ((changes[0], f"the read model refuses it: {refusal}"),))
    middle = len(changes) // 2
    return insert_bisecting(read_model, changes[:middle]).plus(
        insert_bisecting(read_model, changes[middle:])
    )


def alarm_of_differing(entry_ids: Iterable[str]) -> None:
    """Raise the alarm: these ids came with another content than the read model holds.

    The ledger never changes an entry, so either somebody did, or the read model was altered.
    """
    for entry_id in entry_ids:
        observability.log("entry_differs", entry_id=entry_id)
        observability.count("EntriesDiffering")


class Additive(Protocol):
    """A read model to add to: PostgreSQL, or the simulation's memory."""

    def add(self, changes: Sequence[EntryChange]) -> int:
        """Add all or raise; return how many were new."""
        ...
