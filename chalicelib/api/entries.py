"""Entries (lançamentos): record one, get one from the ledger."""

from chalicelib import observability
from chalicelib.api import etag
from chalicelib.api.auth import READ, WRITE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.entry_bodies import EntryBody
from chalicelib.api.entry_responses import RECORDED, EntryResponse, corrected_response, created
from chalicelib.api.http import Response
from chalicelib.commands.get_entry import get_entry as get_from_ledger
from chalicelib.commands.record import RecordEntry, record
from chalicelib.commands.wiring import ports
from chalicelib.ledger.errors import (
    IdempotencyKeyReusedError,
    LedgerUnavailableError,
    NotFoundError,
)


@endpoint(
    scope=WRITE,
    body=EntryBody,
    idempotent=True,
    responses=[RECORDED],
    raises=[IdempotencyKeyReusedError, LedgerUnavailableError],
)
def record_entry(request: ApiRequest[None, EntryBody]) -> Response:
    """Record an entry."""
    submission = RecordEntry(request.key, request.sent, request.body.draft())
    return created(record(ports(), request.principal, submission), request.http)


@endpoint(
    scope=READ,
    etag=True,
    responses=[ResponseSpec(200, EntryResponse, "The entry, from the ledger.")],
    raises=[NotFoundError, LedgerUnavailableError],
)
def get_entry(request: ApiRequest[None, None], entry_id: str) -> Response:
    """Get an entry from the ledger."""
    result = get_from_ledger(ports(), request.principal.merchant_id, entry_id)
    observability.annotate(entry_id=result.entry.entry_id)
    body = corrected_response(result.entry, result.reversed_by, result.category)
    return etag.respond(request.http, body)
