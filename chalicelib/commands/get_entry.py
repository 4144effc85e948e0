"""Get one entry from the ledger itself, as soon as the POST that recorded it has answered."""

from dataclasses import dataclass

from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.entries import Entry, is_entry_id, reversal_id_of
from chalicelib.ledger.errors import NotFoundError
from chalicelib.storage.dynamodb_items import StoredEntry, StoredItem


@dataclass(frozen=True, slots=True)
class CurrentEntry:
    """An entry, and the id of its reversal or None."""

    entry: Entry
    reversed_by: str | None


def get_entry(ports: CommandPorts, merchant_id: str, entry_id: str) -> CurrentEntry:
    """Return a merchant's entry and its reversal's id, by one consistent read.

    Raises NotFoundError when the merchant has no such entry, and LedgerUnavailableError.
    """
    check_entry_id(entry_id)
    reversal_id = reversal_id_of(entry_id)
    items = ports.ledger.read([entry_id, reversal_id])
    entry = owned_entry(items.get(entry_id), merchant_id).entry
    return CurrentEntry(entry, reversal_id if reversal_id in items else None)


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
