"""Erasure (LGPD): removes an entry's description and metadata for good, and nothing else."""

from chalicelib import observability
from chalicelib.api.auth import CLOSE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.http import Response
from chalicelib.api.validation import EmptyBody
from chalicelib.commands import erase as command
from chalicelib.commands import wiring
from chalicelib.ledger.errors import (
    IdempotencyKeyReusedError,
    LedgerUnavailableError,
    NotFoundError,
)


@endpoint(
    scope=CLOSE,
    body=EmptyBody,
    idempotent=True,
    responses=[ResponseSpec(204, None, "Erased, now or earlier.")],
    raises=[NotFoundError, IdempotencyKeyReusedError, LedgerUnavailableError],
    description=(
        "The body may be absent or an empty object. Afterwards nothing can tell which texts were "
        "erased: a POST that repeats the key of the entry's own request, and differs from it only "
        "in `description`, `metadata` or `reason`, is a replay (201, with the entry as it is now); "
        "one that differs in anything else is refused with 422."
    ),
)
def erase_texts(request: ApiRequest[None, EmptyBody], entry_id: str) -> Response:
    """Erase the texts of an entry; the body may be absent or an empty object."""
    replayed = command.erase(wiring.ports(), request.principal, entry_id, request.key)
    observability.annotate(entry_id=entry_id, outcome="replayed" if replayed else "erased")
    return Response(204, headers={"Idempotent-Replayed": "true"} if replayed else {})
