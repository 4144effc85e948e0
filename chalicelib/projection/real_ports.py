"""The ports of a deployment, made at the first use and kept by the process."""

from functools import lru_cache

from chalicelib import clients, settings
from chalicelib.postgres import Connections
from chalicelib.projection.processed_memory import RedisProcessedMemory
from chalicelib.projection.project import Ports
from chalicelib.projection.quarantine import SqsQuarantine
from chalicelib.projection.writer import Writer

ROLE = "livro_projector"
TIMEOUT_SECONDS = 10.0
"""A little more than the role's own statement_timeout, so that the server speaks first."""


@lru_cache(maxsize=1)
def real() -> Ports:
    """Return this process's ports, as the settings name them."""
    return Ports(
        read_model=Writer(Connections(lambda: clients.database(ROLE, TIMEOUT_SECONDS))),
        quarantine=SqsQuarantine(clients.aws("sqs"), settings.current().quarantine_queue_url),
        memory=RedisProcessedMemory(clients.fast_memory()),
    )
