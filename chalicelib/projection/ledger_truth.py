"""The ledger as a rebuild sees it: items made into changes, and what an id stands for now."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from chalicelib import observability
from chalicelib.entry_items import Item
from chalicelib.projection.changes import Change, Poison, change_of_item
from chalicelib.projection.repairer import Truth


def understood(items: Iterable[Item]) -> tuple[list[Change], list[str]]:
    """Return the changes that items stand for, and the ids of those that make no sense, told."""
    changes, unreadable = [], []
    for item in items:
        try:
            change = change_of_item(item)
        except Poison as poison:
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

    def everything(self) -> Iterator[list[Item]]:
        """Yield all items, page by page."""
        ...

    def of_merchant(self, merchant_id: str) -> Iterator[list[Item]]:
        """Yield a merchant's entries, page by page."""
        ...

    def held(self, entry_ids: Sequence[str]) -> list[Item]:
        """Return the items of these ids as they are now."""
        ...
