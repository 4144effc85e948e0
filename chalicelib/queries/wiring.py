"""The stores of a deployment as the queries read them; a test may replace any function here."""

from chalicelib.queries.consolidations import Describe, describer
from chalicelib.queries.read_model import ReadModel
from chalicelib.queries.wait_limiter import WaitLimiter
from chalicelib.runtime import clients, settings
from chalicelib.runtime.wiring import once
from chalicelib.storage.postgres import Connections

ROLE = "livro_reader"
MOST_CONNECTIONS = 8


@once
def read_model() -> ReadModel:
    """Return this process's read model, which is made once."""
    return ReadModel(Connections(lambda: clients.database(ROLE), MOST_CONNECTIONS))


@once
def wait_limiter() -> WaitLimiter:
    """Return the unsuccessful waits of this process."""
    return WaitLimiter()


def describe_consolidation() -> Describe:
    """Return the function that describes this deployment's consolidation runs."""
    return describer(clients.aws("stepfunctions"), settings.current().state_machine_arn)
