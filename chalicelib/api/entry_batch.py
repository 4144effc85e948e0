"""Batches of up to 100 entries (lançamentos), each with its own result."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from chalice.app import Request
from pydantic import Field, PlainValidator
from typing_extensions import TypedDict

from chalicelib.api.auth import WRITE
from chalicelib.api.endpoint import ApiRequest, Default, ResponseSpec, endpoint
from chalicelib.api.entry_bodies import EntryBody
from chalicelib.api.entry_responses import EntryResponse, count, entry_response
from chalicelib.api.fields import Key, reject
from chalicelib.api.http import Response, sent_path
from chalicelib.api.problem_schema import Problem
from chalicelib.api.problems import problem_body
from chalicelib.api.validation import RequestBody, parse_body
from chalicelib.commands.batch import BatchItem as Item
from chalicelib.commands.batch import Outcome, record_batch
from chalicelib.commands.record import RecordEntry, RecordResult
from chalicelib.commands.wiring import ports
from chalicelib.ledger.errors import LedgerUnavailableError, LivroCaixaError

BATCH_LIMIT = 100
_KEY = "idempotency_key"


class BatchItem(EntryBody):
    """An entry of a batch, with the idempotency key that a single POST of it would have."""

    idempotency_key: Key


def _items(sent: Any) -> list[Any]:
    if not isinstance(sent, list) or not 1 <= len(sent) <= BATCH_LIMIT:
        reject(f"must be a JSON array of 1 to {BATCH_LIMIT} entries")
    return sent


Items = Annotated[
    list[Any],
    PlainValidator(
        _items,
        json_schema_input_type=Annotated[
            list[BatchItem], Field(min_length=1, max_length=BATCH_LIMIT)
        ],
    ),
]


class BatchBody(RequestBody):
    """Up to 100 entries. Each entry is validated independently."""

    entries: Items


class RecordedItem(TypedDict):
    """An item of a batch that was recorded, by this request or by an earlier identical one."""

    status: NotRequired[Annotated[Literal[201], Default(201)]]
    entry: EntryResponse


class RejectedItem(TypedDict):
    """An item of a batch that was not recorded, and why; its key can still be used."""

    status: Literal[422, 500, 503]
    problem: Problem


class BatchResponse(TypedDict):
    """The result of each item, in request order, as for a single POST of the item."""

    results: list[RecordedItem | RejectedItem]


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


def _item(sent: Mapping[str, Any]) -> Item:
    """Return the submission that an item of a batch is, or the error in it."""
    try:
        item = parse_body(BatchItem, sent)
    except LivroCaixaError as error:
        return error
    single = {name: value for name, value in sent.items() if name != _KEY}
    return RecordEntry(item.idempotency_key, single, item.draft())


def _result(outcome: Outcome, request: Request, position: int) -> dict[str, Any]:
    count(outcome)
    if isinstance(outcome, RecordResult):
        return {"status": 201, "entry": entry_response(outcome.entry)}
    problem = problem_body(outcome, request, f"{sent_path(request)}#/entries/{position}")
    return {"status": problem["status"], "problem": problem}
