"""Put some entries right, for who compared them with the ledger by a way of its own."""

from collections.abc import Sequence
from functools import lru_cache

from chalicelib import clients, settings
from chalicelib.postgres import Connections
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.projection.rebuild import LARGEST_REPAIR, ROLE, TIMEOUT_SECONDS, truth
from chalicelib.projection.repairer import Repairer


def repair(merchants: Sequence[str], entry_ids: Sequence[str]) -> None:
    """Make these entries what the ledger says now, and count the merchants' totals anew.

    The merchants are held meanwhile, so all that may concern them must be named. Raises when either
    store does not answer; what was put right until then stays so.
    """
    ledger = LedgerReads(clients.aws("dynamodb"), settings.current().entries_table)
    for start in range(0, max(len(entry_ids), 1), LARGEST_REPAIR):
        some = entry_ids[start : start + LARGEST_REPAIR]
        _repairer().put_right(merchants, some, lambda asked: truth(ledger, asked))


@lru_cache(maxsize=1)
def _repairer() -> Repairer:
    return Repairer(Connections(lambda: clients.database(ROLE, TIMEOUT_SECONDS)))
