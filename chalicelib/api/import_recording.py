"""Decide about rows of an import, record it, undo it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from pydantic import Field

from chalicelib import observability
from chalicelib.api.auth import WRITE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import EntryId, Reason
from chalicelib.api.http import Response
from chalicelib.api.import_responses import ImportResponse, import_response
from chalicelib.api.import_wiring import ports
from chalicelib.api.validation import EmptyBody, RequestBody
from chalicelib.commands.batch import BEGIN_WITHIN
from chalicelib.importing import recording
from chalicelib.importing import undo as undoing
from chalicelib.importing.bank_import import BankImport, DecisionKind
from chalicelib.importing.decide import decide
from chalicelib.importing.decisions import RowDecision
from chalicelib.importing.tie_out_now import with_actual_books, without_tie_outs
from chalicelib.ledger.errors import (
    ConflictError,
    ImportBucketUnavailableError,
    LedgerUnavailableError,
    NotFoundError,
    ReadModelUnavailableError,
    ValidationError,
)

_UNFINISHED = "Not finished within the time of a request; repeat it to continue."


class DecisionBody(RequestBody):
    """What a row is: the same as an entry, a new entry, or nothing to record."""

    row: Annotated[int, Field(strict=True, ge=1, description="The row's number.")]
    decision: DecisionKind
    entry: EntryId | None = Field(None, description="Only for `same`: one of the row's candidates.")


class DecisionsBody(RequestBody):
    """Decisions about rows; a later one about the same row counts."""

    decisions: Annotated[list[DecisionBody], Field(min_length=1)]


class UndoBody(RequestBody):
    """Why the import is undone; it becomes the description of each reversal."""

    reason: Reason


@endpoint(
    scope=WRITE,
    body=DecisionsBody,
    responses=[ResponseSpec(200, ImportResponse, "The import with its new counts.")],
    raises=[
        NotFoundError,
        ConflictError,
        ValidationError,
        LedgerUnavailableError,
        ImportBucketUnavailableError,
    ],
    description=(
        "`same` makes the row a duplicate of the entry, `new` an entry, `leave_out` refused. All "
        "decisions are stored, or none. They can be repeated and changed until recording begins, "
        "and also hold for the same rows of later files. After a recording that ended with 409, a "
        "row that has claimed its entry must stay `same` (otherwise 422), until the import that "
        "recorded the entry is undone."
    ),
)
def decide_import_rows(request: ApiRequest[None, DecisionsBody], import_id: str) -> Response:
    """Decide about rows that may be entries already."""
    sent = [
        RowDecision(decision.row, decision.decision, decision.entry)
        for decision in request.body.decisions
    ]
    stored = decide(ports(), request.principal.merchant_id, import_id, sent)
    return Response(200, import_response(stored))


@endpoint(
    scope=WRITE,
    body=EmptyBody,
    responses=[
        ResponseSpec(200, ImportResponse, "Recorded, now or earlier."),
        ResponseSpec(202, ImportResponse, _UNFINISHED, headers=("Retry-After",)),
    ],
    raises=[
        NotFoundError,
        ConflictError,
        LedgerUnavailableError,
        ReadModelUnavailableError,
        ImportBucketUnavailableError,
    ],
    description=(
        "Each row becomes an entry once, however many requests record it. 409 while rows need a "
        "decision: also when another row has claimed an entry since, the entry was reversed, or "
        "one was recorded that may be one of the rows; then nothing was recorded, and `conflict` "
        "says why. `tie_out` is null while the balances cannot be read."
    ),
)
def record_import(request: ApiRequest[None, EmptyBody], import_id: str) -> Response:
    """Record an import as it was previewed."""
    stored = recording.record(ports(), request.principal, import_id, _has_time())
    return _progress(request.principal.merchant_id, stored, "recorded")


@endpoint(
    scope=WRITE,
    body=UndoBody,
    responses=[
        ResponseSpec(200, ImportResponse, "Undone, now or earlier."),
        ResponseSpec(202, ImportResponse, _UNFINISHED, headers=("Retry-After",)),
    ],
    raises=[NotFoundError, ConflictError, LedgerUnavailableError],
    description=(
        "Reverses each entry that the import created, on the entry's own day. Entries that were "
        "reversed before are counted. Afterwards the file can be imported again."
    ),
)
def undo_import(request: ApiRequest[None, UndoBody], import_id: str) -> Response:
    """Undo a recorded import."""
    stored = undoing.undo(ports(), request.principal, import_id, request.body.reason, _has_time())
    return _progress(request.principal.merchant_id, stored, "undone")


def _has_time() -> Callable[[], bool]:
    """Return whether the time of this request suffices for one more page."""
    clock = ports().clock
    end: datetime = clock() + BEGIN_WITHIN
    return lambda: clock() < end


def _progress(merchant_id: str, stored: BankImport, finished: str) -> Response:
    observability.annotate(outcome=stored.status)
    try:
        (stored,) = with_actual_books(ports().book, merchant_id, [stored])
    except ReadModelUnavailableError:
        # What is recorded stays so; only its tie-out is not known now.
        stored = without_tie_outs(stored)
    if stored.status == finished:
        return Response(200, import_response(stored))
    return Response(202, import_response(stored), {"Retry-After": "0"})
