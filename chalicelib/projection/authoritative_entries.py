"""The ledger as a rebuild reads it: items parsed into changes, and the current state of ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib import observability
from chalicelib.projection.entry_changes import (
    EntryChange,
    UnprojectableRecordError,
    change_of_item,
)
from chalicelib.storage.dynamodb_items import Item

Place = dict[str, Any]
"""Where reading the ledger continues, as JSON values that only the ledger interprets."""


@dataclass(frozen=True, slots=True)
class AuthoritativeEntries:
    """What the ledger holds now under some ids: its entries, and the ids without an entry."""

    held: Sequence[EntryChange]
    absent: Sequence[str]


def parse_items(items: Iterable[Item]) -> tuple[list[EntryChange], list[str]]:
    """Return the changes for items, and the ids of items that cannot be read, which are logged."""
    changes, unreadable = [], []
    for item in items:
        try:
            change = change_of_item(item)
        except UnprojectableRecordError as error:
            unreadable.append(item["entry_id"]["S"])
            log_unreadable(unreadable[-1], str(error))
        else:
            changes += [] if change is None else [change]
    return changes, unreadable


def authoritative_entries(ledger: "Ledger", entry_ids: Sequence[str]) -> AuthoritativeEntries:
    """Return what the ledger holds under these ids now; ids of unreadable items are left out."""
    changes, unreadable = parse_items(ledger.held(entry_ids))
    existing = {change.entry_id for change in changes}.union(unreadable)
    absent = [entry_id for entry_id in entry_ids if entry_id not in existing]
    return AuthoritativeEntries(changes, absent)


def log_unreadable(entry_id: str, reason: str) -> None:
    """Log an entry of the ledger that the read model cannot hold."""
    observability.log("entry_unreadable", entry_id=entry_id, reason=reason)
    observability.count("EntriesUnreadable")


class Ledger(Protocol):
    """The ledger as a rebuild reads it: the DynamoDB table, or the simulation's memory."""

    def pages(
        self, merchant_id: str | None, place: "Place | None"
    ) -> "tuple[list[list[Item]], Place | None]":
        """Return the next pages of items of a merchant, or of all (None), and where to continue.

        As an argument, the place None is the beginning; as a result, it is the end.
        """
        ...

    def owners(self, entry_ids: Sequence[str]) -> dict[str, str]:
        """Return the merchant of each of these entries that exists, or did a moment ago."""
        ...

    def held(self, entry_ids: Sequence[str]) -> list[Item]:
        """Return the items of these ids as they are now."""
        ...
