"""Correct the category of an entry: in a record beside it, by one read and one conditional put.

Of two corrections at once, the one whose put comes second reads the first, and is the newer one.
"""

from chalicelib.commands.get_entry import CurrentEntry, check_entry_id, current_entry
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import correction_id_of, reversal_id_of
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.ledger.instants import to_milliseconds
from chalicelib.ledger.principal import Principal

_ATTEMPTS = 20
"""Each failed attempt means another correction of this entry at this moment."""


def correct_category(
    ports: CommandPorts, principal: Principal, entry_id: str, category: str | None
) -> CurrentEntry:
    """Give an entry a category, None for none, and return the entry as it is now.

    Nothing is written when the entry has that category already. Raises NotFoundError when the
    merchant has no such entry, LedgerUnavailableError.
    """
    check_entry_id(entry_id)
    correction_id = correction_id_of(entry_id)
    items = ports.ledger.read([entry_id, reversal_id_of(entry_id), correction_id])
    current = current_entry(items, entry_id, principal.merchant_id)
    for _ in range(_ATTEMPTS):
        if current.category == category:
            return current
        former = current.correction
        correction = CategoryCorrection(
            entry_id=entry_id,
            merchant_id=principal.merchant_id,
            day=current.entry.day,
            category=category,
            number=former.number + 1 if former else 1,
            corrected_by=principal.subject,
            corrected_at=to_milliseconds(ports.clock()),
        )
        stored = ports.ledger.put_correction(correction, former)
        # A put that the client repeated, because a response was lost, meets its own item.
        if stored is None or stored == correction:
            return current._replace(correction=correction)
        current = current_entry({**items, correction_id: stored}, entry_id, principal.merchant_id)
    raise LedgerUnavailableError("The ledger is busy with this entry; send the same request again.")
