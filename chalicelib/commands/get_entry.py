"""Get one entry from the ledger itself, as soon as the POST that recorded it has answered."""

from collections.abc import Mapping
from typing import NamedTuple

from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.category_corrections import CategoryCorrection, current_category
from chalicelib.ledger.entries import Entry, correction_id_of, is_entry_id, reversal_id_of
from chalicelib.ledger.errors import NotFoundError
from chalicelib.storage.dynamodb_items import StoredEntry, StoredItem


class CurrentEntry(NamedTuple):
    """An entry, the id of its reversal, and the correction of its category, each None without."""

    entry: Entry
    reversed_by: str | None
    correction: CategoryCorrection | None

    @property
    def category(self) -> str | None:
        """The current category."""
        return current_category(self.entry, self.correction)


def get_entry(ports: CommandPorts, merchant_id: str, entry_id: str) -> CurrentEntry:
    """Return a merchant's entry, its reversal's id and its correction, by one consistent read.

    Raises NotFoundError when the merchant has no such entry, and LedgerUnavailableError.
    """
    check_entry_id(entry_id)
    items = ports.ledger.read([entry_id, reversal_id_of(entry_id), correction_id_of(entry_id)])
    return current_entry(items, entry_id, merchant_id)


def current_entry(items: Mapping[str, StoredItem], entry_id: str, merchant_id: str) -> CurrentEntry:
    """Return an entry as it is now, from its items; raise NotFoundError as `get_entry` does."""
    entry = owned_entry(items.get(entry_id), merchant_id).entry
    reversal_id = reversal_id_of(entry_id)
    return CurrentEntry(
        entry, reversal_id if reversal_id in items else None, correction_in(items, entry_id)
    )


def correction_in(items: Mapping[str, StoredItem], entry_id: str) -> CategoryCorrection | None:
    """Return the correction of an entry's category among items, None without one."""
    item = items.get(correction_id_of(entry_id))
    return item if isinstance(item, CategoryCorrection) else None


def check_entry_id(text: str) -> None:
    """Raise NotFoundError when a text cannot be the id of an entry."""
    if not is_entry_id(text):
        raise _not_found()


def owned_entry(item: StoredItem | None, merchant_id: str) -> StoredEntry:
    """Return an item that is an entry of this merchant; raise NotFoundError for any other."""
    if not isinstance(item, StoredEntry) or item.entry.merchant_id != merchant_id:
        raise _not_found()
    return item


def _not_found() -> NotFoundError:
    return NotFoundError("There is no entry with this id.")
