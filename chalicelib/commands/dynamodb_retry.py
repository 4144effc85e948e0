"""How a call to the ledger's table fails: what is worth another try, what is out of reach."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from chalicelib.ledger.errors import LedgerUnavailableError

Answer = TypeVar("Answer")
Pause = Callable[[float], None]

# Upper bounds in seconds of the random pauses before each try: about 0.6 s in all, on average.
PAUSES = (0.0, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
CONTENDED = frozenset({"TransactionConflict", "TransactionConflictException"})
THROTTLED = frozenset(
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
    """Another writer holds the item this moment; the next try may find it settled."""


def retrying_on_conflict(call: Callable[[], Answer], pause: Pause = time.sleep) -> Answer:
    """Return the answer of a call that may raise TransactionConflictError, tried again a few times.

    Raises LedgerUnavailableError when the last try is contended too; `pause` waits for seconds.
    """
    for longest in PAUSES:
        pause(random.SystemRandom().uniform(0, longest))
        try:
            return call()
        except TransactionConflictError:
            continue
    raise LedgerUnavailableError("The ledger is busy with this entry; send the same request again.")


@contextmanager
def translating_errors() -> Iterator[None]:
    """Turn failures that are the store's or the network's into LedgerUnavailableError.

    A request that DynamoDB finds faulty is a fault of ours and passes as it is. What was sent may
    have been written when no answer came: the same request again tells, and changes nothing.
    """
    from botocore.exceptions import (
        ClientError,
        ConnectionError,
        HTTPClientError,
        IncompleteReadError,
    )

    try:
        yield
    except (ConnectionError, HTTPClientError, IncompleteReadError) as failure:
        raise _out_of_reach() from failure
    except ClientError as failure:
        if _passes_by_itself(failure.response):
            raise _out_of_reach() from failure
        raise


def _passes_by_itself(response: Any) -> bool:
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or response.get("Error", {}).get("Code") in THROTTLED


def _out_of_reach() -> LedgerUnavailableError:
    return LedgerUnavailableError(
        "The ledger did not answer; send the same request with its key again."
    )
