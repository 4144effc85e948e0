"""Rebuild the read model from the ledger's table, beside live traffic, as often as one likes.

What is missing is added as the projector would, where the merchant's totals are the sums of its
entries. All else is suspect: it is confirmed by consistent reads while its merchant is held, put
right, and the merchant's totals are counted anew from its entries in the same SQL transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from chalicelib import clients, observability, settings
from chalicelib.ledger.slugs import parse_slug
from chalicelib.postgres import Connections
from chalicelib.projection.comparison import Comparison, Rebuilt
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.projection.ledger_truth import Ledger
from chalicelib.projection.repairer import Repairer

ROLE = "livro_projector"
TIMEOUT_SECONDS = 330.0
"""More than the 5 minutes that a statement of a rebuild may take."""
MERCHANTS_AT_ONCE = 50


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


def rebuild(ledger: Ledger, read_model: Repairer, merchant_id: str | None = None) -> Rebuilt:
    """Make the read model of one merchant, or (None) of all, what the ledger says.

    Raises when either store does not answer; what was done until then is right, and running it
    again does the rest.
    """
    read_model.begin()
    merchants = read_model.merchants() if merchant_id is None else [merchant_id]
    pages = ledger.everything() if merchant_id is None else ledger.of_merchant(merchant_id)
    work = Comparison(ledger, read_model, _wrong(read_model, merchants))
    for page in pages:
        work.take(page)
    for entry_id, row_merchant in _never_met(read_model, merchant_id):
        work.suspect(entry_id, row_merchant)
    work.put_all_right()
    _tell(work.outcome)
    return work.outcome


def _wrong(read_model: Repairer, merchants: Sequence[str]) -> set[str]:
    wrong: set[str] = set()
    for start in range(0, len(merchants), MERCHANTS_AT_ONCE):
        wrong |= read_model.wrong_totals(merchants[start : start + MERCHANTS_AT_ONCE])
    return wrong


def _never_met(read_model: Repairer, merchant_id: str | None) -> Iterator[tuple[str, str]]:
    above = ""
    while rows := read_model.never_met(merchant_id, above):
        yield from rows.items()
        above = max(rows)


def _tell(outcome: Rebuilt) -> None:
    differences = outcome.missing + outcome.altered + outcome.removed + outcome.totals
    observability.log("rebuilt", **asdict(outcome))
    observability.count("ReadModelDifferences", differences)
