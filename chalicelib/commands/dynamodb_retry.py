"""Failures of calls to DynamoDB: which are retried here, and which mean that it is unavailable."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from chalicelib.ledger.errors import LedgerUnavailableError

Result = TypeVar("Result")
Pause = Callable[[float], None]

# Upper bounds in seconds of the random pause before each try; together 0.6 s on average.
PAUSES = (0.0, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
CONFLICT_CODES = frozenset({"TransactionConflict", "TransactionConflictException"})
THROTTLING_CODES = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)


class TransactionConflictError(Exception):
    """Another transaction is writing the same item now; the next try may succeed."""


def retrying_on_conflict(call: Callable[[], Result], pause: Pause = time.sleep) -> Result:
    """Return the result of a call, repeated a few times while it raises TransactionConflictError.

    Raises LedgerUnavailableError when the last try does so too; `pause` waits for seconds.
    """
    for seconds in PAUSES:
        pause(random.SystemRandom().uniform(0, seconds))
        try:
            return call()
        except TransactionConflictError:
            continue
    raise LedgerUnavailableError("The ledger is busy with this item; send the same request again.")


@contextmanager
def translating_errors() -> Iterator[None]:
    """Raise LedgerUnavailableError for failures of DynamoDB or of the network.

    The error of an invalid request is a bug of this code and is raised as it is. Without a response
    the write may still have happened: repeating the same request shows it and changes nothing.
    """
    from botocore.exceptions import (
        ClientError,
        ConnectionError,
        HTTPClientError,
        IncompleteReadError,
    )

    try:
        yield
    except (ConnectionError, HTTPClientError, IncompleteReadError, ClientError) as failure:
        if isinstance(failure, ClientError) and not _is_transient(failure.response):
            raise
        raise LedgerUnavailableError(
            "The ledger did not respond; send the same request again."
        ) from failure


def _is_transient(response: Any) -> bool:
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or response.get("Error", {}).get("Code") in THROTTLING_CODES
