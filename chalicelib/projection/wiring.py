"""The stores of a deployment as the projection uses them; a test may replace any function here."""

from typing import TYPE_CHECKING

from chalicelib.projection.dead_letters import SqsDeadLetters
from chalicelib.projection.dedup_cache import LateDedupCache, RedisDedupCache
from chalicelib.projection.project import Ports
from chalicelib.projection.writer import Writer
from chalicelib.runtime import clients, settings
from chalicelib.runtime.wiring import once
from chalicelib.storage.postgres import Connections

if TYPE_CHECKING:
    # A projector does not load the modules of a rebuild.
    from chalicelib.projection.authoritative_entries import Ledger
    from chalicelib.projection.loader import Loader
    from chalicelib.projection.repairer import Repairer

ROLE = "livro_projector"
TIMEOUT_SECONDS = 10.0
"""A little more than the role's statement_timeout, so that the server responds first."""
REPAIR_TIMEOUT_SECONDS = 330.0
"""More than the 5 minutes that a statement of a rebuild may take."""
LOAD_TIMEOUT_SECONDS = 870.0
"""An index of a large ledger takes minutes; the function ends after 900 s."""


@once
def ports() -> Ports:
    """Return this process's ports, which are made once."""
    deployed = settings.current()
    return Ports(
        read_model=Writer(Connections(lambda: clients.database(ROLE, TIMEOUT_SECONDS))),
        dead_letters=SqsDeadLetters(clients.aws("sqs"), deployed.quarantine_queue_url),
        dedup_cache=LateDedupCache(
            lambda: RedisDedupCache(clients.redis(), deployed.entries_table)
        ),
    )


def ledger() -> "Ledger":
    """Return the ledger's table as a rebuild reads it."""
    from chalicelib.projection.ledger_reads import LedgerReads

    return LedgerReads(clients.aws("dynamodb"), settings.current().entries_table)


def loader() -> "Loader":
    """Return a loader with a new connection, which the caller closes."""
    from chalicelib.projection.loader import Loader

    return Loader(Connections(lambda: clients.database(ROLE, LOAD_TIMEOUT_SECONDS)))


def repairer() -> "Repairer":
    """Return a repairer with a new connection, which the caller closes."""
    from chalicelib.projection.repairer import Repairer

    return Repairer(Connections(lambda: clients.database(ROLE, REPAIR_TIMEOUT_SECONDS)))
