"""Erasure (LGPD): removes an entry's description and metadata for good, and nothing else."""

from chalicelib import observability
from chalicelib.api.auth import CLOSE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.http import Response
from chalicelib.api.import_wiring import ports as import_ports
from chalicelib.api.validation import EmptyBody
from chalicelib.commands import erase as command
from chalicelib.commands import wiring
from chalicelib.commands.claims import candidates
from chalicelib.importing.erasure import erase_texts as erase_from_imports
from chalicelib.ledger.errors import (
    IdempotencyKeyReusedError,
    ImportBucketUnavailableError,
    LedgerUnavailableError,
    NotFoundError,
)


@endpoint(
    scope=CLOSE,
    body=EmptyBody,
    idempotent=True,
    responses=[ResponseSpec(204, None, "Erased, now or earlier.")],
    raises=[
        NotFoundError,
        IdempotencyKeyReusedError,
        LedgerUnavailableError,
        ImportBucketUnavailableError,
    ],
    description=(
        "The body may be absent or an empty object. The texts are also removed from the rows of "
        "imports. Afterwards nothing can tell which texts were "
        "erased: a POST that repeats the key of the entry's own request, and differs from it only "
        "in `description`, `metadata` or `reason`, is a replay (201, with the entry as it is now); "
        "one that differs in anything else is refused with 422."
    ),
)
def erase_texts(request: ApiRequest[None, EmptyBody], entry_id: str) -> Response:
    """Erase the texts of an entry; the body may be absent or an empty object."""
    merchant_id = request.principal.merchant_id
    replayed = command.erase(wiring.ports(), request.principal, entry_id, request.key)
    # After the ledger, so that a row which is recorded meanwhile is found; a retry continues here.
    identity = candidates(wiring.ports(), merchant_id, [entry_id])[entry_id].identity
    erase_from_imports(import_ports(), merchant_id, entry_id, identity)
    observability.annotate(entry_id=entry_id, outcome="replayed" if replayed else "erased")
    return Response(204, headers={"Idempotent-Replayed": "true"} if replayed else {})
