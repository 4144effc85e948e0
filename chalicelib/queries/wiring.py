"""The stores of a deployment as the queries read them; a test may replace any function here."""

from functools import cache

from chalicelib.queries.consolidations import Describe, describer
from chalicelib.queries.read_model import ReadModel
from chalicelib.queries.wait_limiter import WaitLimiter
from chalicelib.runtime import clients, settings
from chalicelib.storage.postgres import Connections

ROLE = "livro_reader"
MOST_CONNECTIONS = 8


@cache
def read_model() -> ReadModel:
    """Return this process's read model, which is made once."""
    return ReadModel(Connections(lambda: clients.database(ROLE), MOST_CONNECTIONS))


@cache
def wait_limiter() -> WaitLimiter:
    """Return the unsuccessful waits of this process."""
    return WaitLimiter()


def describe_consolidation() -> Describe:
    """Return the function that describes this deployment's consolidation runs."""
    return describer(clients.aws("stepfunctions"), settings.current().state_machine_arn)


def reset() -> None:
    """Forget what was made, so that the next call makes it from the current settings."""
    read_model.cache_clear()
    wait_limiter.cache_clear()
