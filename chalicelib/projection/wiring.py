"""The ports of a deployment, made at the first use and kept by the process."""

from functools import lru_cache

from chalicelib.projection.dead_letters import SqsDeadLetters
from chalicelib.projection.dedup_cache import RedisDedupCache
from chalicelib.projection.project import Ports
from chalicelib.projection.writer import Writer
from chalicelib.runtime import clients, settings
from chalicelib.storage.postgres import Connections

ROLE = "livro_projector"
TIMEOUT_SECONDS = 10.0
"""A little more than the role's own statement_timeout, so that the server speaks first."""


@lru_cache(maxsize=1)
def real() -> Ports:
    """Return this process's ports, as the settings name them."""
    return Ports(
        read_model=Writer(Connections(lambda: clients.database(ROLE, TIMEOUT_SECONDS))),
        quarantine=SqsDeadLetters(clients.aws("sqs"), settings.current().quarantine_queue_url),
        memory=RedisDedupCache(clients.redis()),
    )
