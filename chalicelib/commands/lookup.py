"""Look up one entry in the ledger itself, as soon as its POST has answered."""

from dataclasses import dataclass

from chalicelib.commands.ports import CommandPorts
from chalicelib.entry_items import StoredEntry
from chalicelib.ledger.entries import Entry, is_entry_id, reversal_id
from chalicelib.ledger.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry, and the id of the entry that reverses it, if one does."""

    entry: Entry
    reversed_by: str | None


def look_up(ports: CommandPorts, merchant_id: str, entry_id: str) -> FoundEntry:
    """Return a merchant's entry by its id, with the right `reversed_by`, by one consistent read.

    Raises NotFoundError for what is no entry or another merchant's, LedgerUnavailableError.
    """
    if not is_entry_id(entry_id):
        raise _not_found()
    undoing_id = reversal_id(entry_id)
    there = ports.read([entry_id, undoing_id])
    found = there.get(entry_id)
    if not isinstance(found, StoredEntry) or found.entry.merchant_id != merchant_id:
        raise _not_found()
    return FoundEntry(found.entry, undoing_id if undoing_id in there else None)


def _not_found() -> NotFoundError:
    return NotFoundError("There is no entry with this id.")
