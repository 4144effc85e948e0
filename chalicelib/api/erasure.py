"""Erasure (LGPD): removes an entry's description and metadata for good, and nothing else."""

from chalicelib import observability
from chalicelib.api.auth import CLOSE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.http import Response, raw_body
from chalicelib.api.json_body import json_body
from chalicelib.api.validation import EmptyBody, parse_body
from chalicelib.commands import erase as command
from chalicelib.commands import wiring
from chalicelib.ledger.errors import (
    IdempotencyKeyReusedError,
    LedgerUnavailableError,
    NotFoundError,
    ValidationError,
)


@endpoint(
    scope=CLOSE,
    idempotent=True,
    responses=[ResponseSpec(204, None, "Erased, now or earlier.")],
    raises=[NotFoundError, ValidationError, IdempotencyKeyReusedError, LedgerUnavailableError],
)
def erase_texts(request: ApiRequest[None, None], entry_id: str) -> Response:
    """Erase the texts of an entry; the body may be absent or an empty object."""
    if raw_body(request.http):
        parse_body(EmptyBody, json_body(request.http))
    replayed = command.erase(wiring.ports(), request.principal, entry_id, request.key)
    observability.annotate(entry_id=entry_id, outcome="replayed" if replayed else "erased")
    return Response(204, headers={"Idempotent-Replayed": "true"} if replayed else {})
