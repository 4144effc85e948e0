"""The ledger as a rebuild sees it: items made into changes, and what an id stands for now."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from chalicelib import observability
from chalicelib.projection.entry_changes import (
    EntryChange,
    UnprojectableRecordError,
    change_of_item,
)
from chalicelib.projection.repairer import Truth
from chalicelib.storage.dynamodb_items import Item

Place = dict[str, Any]
"""Where the reading of the ledger goes on, in values of JSON; only who answered it reads it."""


def understood(items: Iterable[Item]) -> tuple[list[EntryChange], list[str]]:
    """Return the changes that items stand for, and the ids of those that make no sense, told."""
    changes, unreadable = [], []
    for item in items:
        try:
            change = change_of_item(item)
        except UnprojectableRecordError as poison:
            unreadable.append(item["entry_id"]["S"])
            tell_unreadable(unreadable[-1], str(poison))
        else:
            changes += [] if change is None else [change]
    return changes, unreadable


def truth(ledger: "Ledger", entry_ids: Sequence[str]) -> Truth:
    """Return what the ledger holds under these ids now; what is unreadable is left alone."""
    changes, unreadable = understood(ledger.held(entry_ids))
    there = {change.entry_id for change in changes}.union(unreadable)
    return Truth(changes, [entry_id for entry_id in entry_ids if entry_id not in there])


def tell_unreadable(entry_id: str, reason: str) -> None:
    """Write down an entry of the ledger that the read model cannot hold."""
    observability.log("entry_unreadable", entry_id=entry_id, reason=reason)
    observability.count("EntriesUnreadable")


class Ledger(Protocol):
    """Where a rebuild reads the ledger: the DynamoDB table, or the simulation's memory."""

    def pages(
        self, merchant_id: str | None, place: "Place | None"
    ) -> "tuple[list[list[Item]], Place | None]":
        """Return the next pages of a merchant's items, or (None) of all, and where they go on.

        Place None is the beginning where it is handed in, and the end where it is returned.
        """
        ...

    def owners(self, entry_ids: Sequence[str]) -> dict[str, str]:
        """Return the merchants of those of these entries that are held, or were a moment ago."""
        ...

    def held(self, entry_ids: Sequence[str]) -> list[Item]:
        """Return the items of these ids as they are now."""
        ...
