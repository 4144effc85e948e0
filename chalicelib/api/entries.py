"""Entries (lançamentos): record one or many, reverse one, get one from the ledger."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Request

from chalicelib import observability
from chalicelib.api import etag
from chalicelib.api.auth import READ, WRITE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.entry_bodies import BatchBody, BatchItem, EntryBody, ReversalBody
from chalicelib.api.entry_responses import BatchResponse, EntryResponse, entry_response
from chalicelib.api.http import Response, location, sent_path
from chalicelib.api.problems import problem_body, problem_type_of
from chalicelib.api.validation import parse_body
from chalicelib.commands.batch import BatchItem as Item
from chalicelib.commands.batch import Outcome, record_batch
from chalicelib.commands.get_entry import get_entry as get_from_ledger
from chalicelib.commands.record import RecordEntry, RecordResult, record
from chalicelib.commands.reverse import ReversalRequest, reverse
from chalicelib.commands.wiring import ports
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    IdempotencyKeyReusedError,
    LedgerUnavailableError,
    LivroCaixaError,
    NotFoundError,
    ReversalOfReversalError,
)

_KEY = "idempotency_key"
_RECORDED = ResponseSpec(
    201,
    EntryResponse,
    "Recorded, by this request or by an earlier identical one.",
    headers=("Location",),
)


@endpoint(
    scope=WRITE,
    body=EntryBody,
    idempotent=True,
    responses=[_RECORDED],
    raises=[IdempotencyKeyReusedError, LedgerUnavailableError],
)
def record_entry(request: ApiRequest[None, EntryBody]) -> Response:
    """Record an entry."""
    submission = RecordEntry(request.key, request.sent, request.body.draft())
    return _created(record(ports(), request.principal, submission), request.http)


@endpoint(
    scope=WRITE,
    body=BatchBody,
    responses=[ResponseSpec(200, BatchResponse, "The result of each item, in request order.")],
    raises=[LedgerUnavailableError],
)
def record_entries(request: ApiRequest[None, BatchBody]) -> Response:
    """Record up to 100 entries; an invalid one does not stop the others."""
    items = [_item(sent) for sent in request.body.entries]
    outcomes = record_batch(ports(), request.principal, items)
    results = [_result(outcome, request.http, n) for n, outcome in enumerate(outcomes)]
    return Response(200, {"results": results})


@endpoint(
    scope=WRITE,
    body=ReversalBody,
    idempotent=True,
    responses=[_RECORDED],
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
    return _created(reverse(ports(), request.principal, reversal), request.http)


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
    return etag.respond(request.http, entry_response(result.entry, result.reversed_by))


def _created(recorded: RecordResult, request: Request) -> Response:
    outcome = "replayed" if recorded.replayed else "recorded"
    observability.annotate(entry_id=recorded.entry.entry_id, outcome=outcome)
    _count(recorded)
    headers = {"Location": location(request, f"/v1/entries/{recorded.entry.entry_id}")}
    if recorded.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(201, entry_response(recorded.entry), headers)


def _item(sent: Mapping[str, Any]) -> Item:
    """Return the submission that an item of a batch is, or the error in it."""
    try:
        item = parse_body(BatchItem, sent)
    except LivroCaixaError as error:
        return error
    single = {name: value for name, value in sent.items() if name != _KEY}
    return RecordEntry(item.idempotency_key, single, item.draft())


def _result(outcome: Outcome, request: Request, position: int) -> dict[str, Any]:
    _count(outcome)
    if isinstance(outcome, RecordResult):
        return {"status": 201, "entry": entry_response(outcome.entry)}
    problem = problem_body(outcome, request, f"{sent_path(request)}#/entries/{position}")
    return {"status": problem["status"], "problem": problem}


def _count(outcome: Outcome) -> None:
    if isinstance(outcome, RecordResult):
        observability.count("EntriesReplayed" if outcome.replayed else "EntriesAccepted")
    else:
        is_internal = problem_type_of(type(outcome)).status >= 500
        observability.count("EntriesFailed" if is_internal else "EntriesRefused")
