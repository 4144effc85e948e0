"""The stores of a deployment as the queries read them; a test may replace any function here."""

from typing import TYPE_CHECKING

from chalicelib.queries.read_model import ReadModel
from chalicelib.runtime import clients, settings
from chalicelib.runtime.wiring import once
from chalicelib.storage.postgres import Connections

if TYPE_CHECKING:
    # Most reads use neither, so they do not load them.
    from chalicelib.queries.consolidations import Describe
    from chalicelib.queries.wait_limiter import WaitLimiter
    from chalicelib.storage.seal_bucket import SealBucket

ROLE = "livro_reader"
MOST_CONNECTIONS = 8


@once
def read_model() -> ReadModel:
    """Return this process's read model, which is made once."""
    return ReadModel(Connections(lambda: clients.database(ROLE), MOST_CONNECTIONS))


@once
def seal_bucket() -> "SealBucket":
    """Return the bucket of sealed closings."""
    from chalicelib.storage.seal_bucket import SealBucket

    return SealBucket(clients.aws("s3"), settings.current().seal_bucket)


@once
def wait_limiter() -> "WaitLimiter":
    """Return the unsuccessful waits of this process."""
    from chalicelib.queries.wait_limiter import WaitLimiter

    return WaitLimiter()


def describe_consolidation() -> "Describe":
    """Return the function that describes this deployment's consolidation runs."""
    from chalicelib.queries.consolidations import describer

    return describer(clients.aws("stepfunctions"), settings.current().state_machine_arn)
