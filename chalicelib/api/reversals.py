"""Reversals (estornos): a new entry of the opposite type, dated today."""

from chalicelib.api.auth import WRITE
from chalicelib.api.endpoint import ApiRequest, endpoint
from chalicelib.api.entry_responses import RECORDED, created
from chalicelib.api.fields import Reason
from chalicelib.api.http import Response
from chalicelib.api.validation import RequestBody
from chalicelib.commands.reverse import ReversalRequest, reverse
from chalicelib.commands.wiring import ports
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    IdempotencyKeyReusedError,
    LedgerUnavailableError,
    NotFoundError,
    ReversalOfReversalError,
)


class ReversalBody(RequestBody):
    """The reason for a reversal; it becomes the new entry's description."""

    reason: Reason


@endpoint(
    scope=WRITE,
    body=ReversalBody,
    idempotent=True,
    responses=[RECORDED],
    raises=[
        NotFoundError,
        AlreadyReversedError,
        ReversalOfReversalError,
        IdempotencyKeyReusedError,
        LedgerUnavailableError,
    ],
)
def reverse_entry(request: ApiRequest[None, ReversalBody], entry_id: str) -> Response:
    """Record the reversal of an entry."""
    reversal = ReversalRequest(entry_id, request.key, request.sent, request.body.reason)
    return created(reverse(ports(), request.principal, reversal), request.http)
