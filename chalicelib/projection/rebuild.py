"""Rebuild the read model from the ledger's table, beside live traffic, as often as one likes.

What is missing is added as the projector would. What stands otherwise, or is of no entry, is
confirmed by consistent reads while its merchant is held, and put right; then the merchant's totals
are counted anew from its entries, never added to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any, Protocol

from chalicelib import clients, observability, settings
from chalicelib.entry_items import Item
from chalicelib.ledger.slugs import parse_slug
from chalicelib.postgres import Connections
from chalicelib.projection.additions import add_all
from chalicelib.projection.changes import Change, Poison, change_of_item
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.projection.repairer import Repairer, Truth

ROLE = "livro_projector"
TIMEOUT_SECONDS = 330.0
"""More than the 5 minutes that a statement of a rebuild may take."""
CHUNK = 200
"""How many suspects are confirmed and repaired while their merchants are held."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What differed: entries of the ledger read, and how many were missing, altered or too many.

    `totals` were wrong, `unreadable` are items of the table that make no sense or that the read
    model refuses; they are in the log by their ids.
    """

    entries: int = 0
    missing: int = 0
    altered: int = 0
    removed: int = 0
    totals: int = 0
    unreadable: int = 0

    def plus(self, other: "Rebuilt") -> "Rebuilt":
        """Return the sums of both."""
        return Rebuilt(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def run_task(event: Mapping[str, Any]) -> dict[str, Any]:
    """Rebuild the event's `merchant_id`, or everything without one: the Lambda task.

    Raises Invalid when the merchant is no slug.
    """
    merchant_id = event.get("merchant_id")
    if merchant_id is not None:
        parse_slug(str(merchant_id), "merchant_id")
    connections = Connections(lambda: clients.database(ROLE, TIMEOUT_SECONDS))
    ledger = LedgerReads(clients.aws("dynamodb"), settings.current().entries_table)
    try:
        outcome = rebuild(ledger, Repairer(connections), merchant_id)
    finally:
        connections.close()
    return asdict(outcome)


def rebuild(ledger: "Ledger", read_model: Repairer, merchant_id: str | None = None) -> Rebuilt:
    """Make the read model of one merchant, or (None) of all, what the ledger says.

    Raises when either store does not answer; what was done until then is right, and running it
    again does the rest.
    """
    read_model.begin()
    pages = ledger.everything() if merchant_id is None else ledger.of_merchant(merchant_id)
    outcome, suspects = _read(pages, read_model)
    suspects.update(_never_met(read_model, merchant_id))
    outcome = outcome.plus(_repair(suspects, ledger, read_model))
    merchants = read_model.merchants() if merchant_id is None else [merchant_id]
    for merchant in merchants:
        outcome = outcome.plus(_put_right(read_model, {merchant}, [], ledger))
    _tell(outcome)
    return outcome


Suspects = dict[str, set[str]]
"""Entries that stand here otherwise than in the ledger, and the merchants that it concerns."""


def _read(pages: Iterable[list[Item]], read_model: Repairer) -> tuple[Rebuilt, Suspects]:
    """Compare the ledger page by page, adding what is missing; return who stands otherwise."""
    outcome, suspects = Rebuilt(), Suspects()
    for page in pages:
        changes, unreadable = _understood(page)
        read_model.meet(unreadable)
        rows = read_model.compare(changes)
        missing = [change for change in changes if rows.get(change.entry_id, "") is None]
        added = add_all(read_model, missing)
        for change, reason in added.refused:
            _tell_unreadable(change.entry_id, reason)
        for change in changes:
            row_merchant = rows.get(change.entry_id)
            if row_merchant is not None:
                suspects[change.entry_id] = {row_merchant, change.entry.merchant_id}
        lost = len(unreadable) + len(added.refused)
        outcome = outcome.plus(Rebuilt(entries=len(changes), missing=added.new, unreadable=lost))
    return outcome, suspects


def _understood(items: Iterable[Item]) -> tuple[list[Change], list[str]]:
    changes, unreadable = [], []
    for item in items:
        try:
            change = change_of_item(item)
        except Poison as poison:
            unreadable.append(item["entry_id"]["S"])
            _tell_unreadable(unreadable[-1], str(poison))
        else:
            changes += [] if change is None else [change]
    return changes, unreadable


def _never_met(read_model: Repairer, merchant_id: str | None) -> Iterator[tuple[str, set[str]]]:
    above = ""
    while rows := read_model.never_met(merchant_id, above):
        yield from ((entry_id, {row_merchant}) for entry_id, row_merchant in rows.items())
        above = max(rows)


def _repair(suspects: Suspects, ledger: "Ledger", read_model: Repairer) -> Rebuilt:
    outcome = Rebuilt()
    ids = list(suspects)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        merchants = set().union(*(suspects[entry_id] for entry_id in chunk))
        outcome = outcome.plus(_put_right(read_model, merchants, chunk, ledger))
    return outcome


def _put_right(
    read_model: Repairer, merchants: set[str], entry_ids: Sequence[str], ledger: "Ledger"
) -> Rebuilt:
    done = read_model.put_right(merchants, entry_ids, lambda ids: truth(ledger, ids))
    return Rebuilt(altered=done.altered, removed=done.removed, totals=done.totals)


def truth(ledger: "Ledger", entry_ids: Sequence[str]) -> Truth:
    """Return what the ledger holds under these ids now; what is unreadable is left alone."""
    changes, unreadable = _understood(ledger.held(entry_ids))
    there = {change.entry_id for change in changes}.union(unreadable)
    return Truth(changes, [entry_id for entry_id in entry_ids if entry_id not in there])


def _tell_unreadable(entry_id: str, reason: str) -> None:
    observability.log("entry_unreadable", entry_id=entry_id, reason=reason)
    observability.count("EntriesUnreadable")


def _tell(outcome: Rebuilt) -> None:
    observability.log("rebuilt", **asdict(outcome))
    observability.count("ReadModelDifferences", outcome.altered + outcome.removed + outcome.totals)


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
