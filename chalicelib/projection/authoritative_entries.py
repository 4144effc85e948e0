"""The ledger as a rebuild reads it: items parsed into changes, and the current state of ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from chalicelib import observability
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import correction_id_of
from chalicelib.projection.category_changes import UnprojectableRecordError
from chalicelib.projection.entry_changes import EntryChange, change_of_item
from chalicelib.storage.dynamodb_items import Item

LedgerCursor = dict[str, Any]
"""Where reading the ledger continues, as JSON values that only the ledger interprets."""


@dataclass(frozen=True, slots=True)
class AuthoritativeEntries:
    """What the ledger holds now under some ids: its entries, and the ids without an entry.

    `corrections` are those of the categories of these entries.
    """

    held: Sequence[EntryChange]
    absent: Sequence[str]
    corrections: Sequence[CategoryCorrection] = ()


class ParsedItems(NamedTuple):
    """The entries and corrections of items, and the ids of items that cannot be read."""

    changes: list[EntryChange]
    corrections: list[CategoryCorrection]
    unreadable: list[str]


def parse_items(items: Iterable[Item]) -> ParsedItems:
    """Return what items hold; those that cannot be read are logged."""
    parsed = ParsedItems([], [], [])
    for item in items:
        try:
            change = change_of_item(item)
        except UnprojectableRecordError as error:
            parsed.unreadable.append(item["entry_id"]["S"])
            log_unreadable(parsed.unreadable[-1], str(error))
        else:
            if isinstance(change, CategoryCorrection):
                parsed.corrections.append(change)
            elif change is not None:
                parsed.changes.append(change)
    return parsed


def authoritative_entries(ledger: "Ledger", entry_ids: Sequence[str]) -> AuthoritativeEntries:
    """Return what the ledger holds under these ids now; ids of unreadable items are left out."""
    correction_ids = [correction_id_of(entry_id) for entry_id in entry_ids]
    changes, corrections, unreadable = parse_items(ledger.held([*entry_ids, *correction_ids]))
    existing = {change.entry_id for change in changes}.union(unreadable)
    absent = [entry_id for entry_id in entry_ids if entry_id not in existing]
    return AuthoritativeEntries(changes, absent, corrections)


def log_unreadable(entry_id: str, reason: str) -> None:
    """Log an entry of the ledger that the read model cannot hold."""
    observability.log("entry_unreadable", entry_id=entry_id, reason=reason)
    observability.count("EntriesUnreadable")


class Ledger(Protocol):
    """The ledger as a rebuild reads it: the DynamoDB table, or the simulation's memory."""

    def pages(
        self, merchant_id: str | None, cursor: "LedgerCursor | None"
    ) -> "tuple[list[list[Item]], LedgerCursor | None]":
        """Return the next pages of items of a merchant, or of all (None), and where to continue.

        As an argument, the cursor None is the beginning; as a result, it is the end.
        """
        ...

    def owners(self, entry_ids: Sequence[str]) -> dict[str, str]:
        """Return the merchant of each of these entries that exists, or did a moment ago."""
        ...

    def corrected(self, entry_ids: Sequence[str]) -> set[str]:
        """Return those of these entries whose category was corrected, or was a moment ago."""
        ...

    def held(self, entry_ids: Sequence[str]) -> list[Item]:
        """Return the items of these ids as they are now."""
        ...
