"""Put some entries right, for who compared them with the ledger by a way of its own."""

from collections.abc import Sequence

from chalicelib.projection.authoritative_entries import truth
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.projection.rebuild import ROLE, TIMEOUT_SECONDS
from chalicelib.projection.rebuild_diff import LARGEST_REPAIR
from chalicelib.projection.repairer import Repairer
from chalicelib.runtime import clients, settings
from chalicelib.storage.postgres import Connections


def repair(merchants: Sequence[str], entry_ids: Sequence[str]) -> None:
    """Make these entries what the ledger says now, and count the merchants' totals anew.

    The merchants are held meanwhile, so all that it concerns must be named. Raises when either
    store does not answer; what was put right until then stays so. Its connection ends with it:
    repairs are rare, and many functions that could make one run side by side.
    """
    ledger = LedgerReads(clients.aws("dynamodb"), settings.current().entries_table)
    connections = Connections(lambda: clients.database(ROLE, TIMEOUT_SECONDS))
    repairer = Repairer(connections)
    try:
        repairer.begin()  # also lets it count for as long as a large merchant takes
        for start in range(0, max(len(entry_ids), 1), LARGEST_REPAIR):
            some = entry_ids[start : start + LARGEST_REPAIR]
            repairer.repair(merchants, some, lambda asked: truth(ledger, asked))
    finally:
        connections.close()
