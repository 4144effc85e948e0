"""Look up one entry in the ledger itself, as soon as its POST has answered."""

from dataclasses import dataclass

from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.entries import Entry, is_entry_id, reversal_id_of
from chalicelib.ledger.errors import NotFoundError
from chalicelib.storage.dynamodb_items import StoredEntry


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry, and the id of the entry that reverses it, if one does."""

    entry: Entry
    reversed_by: str | None


def get_entry(ports: CommandPorts, merchant_id: str, entry_id: str) -> FoundEntry:
    """Return a merchant's entry by its id, with the right `reversed_by`, by one consistent read.

    Raises NotFoundError for what is no entry or another merchant's, LedgerUnavailableError.
    """
    if not is_entry_id(entry_id):
        raise _not_found()
    reversal_id = reversal_id_of(entry_id)
    there = ports.read([entry_id, reversal_id])
    result = there.get(entry_id)
    if not isinstance(result, StoredEntry) or result.entry.merchant_id != merchant_id:
        raise _not_found()
    return FoundEntry(result.entry, reversal_id if reversal_id in there else None)


def _not_found() -> NotFoundError:
    return NotFoundError("There is no entry with this id.")
