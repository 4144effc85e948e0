"""Consolidations: start closing a past day now, and read the status of that run."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from chalicelib import observability
from chalicelib.api import etag
from chalicelib.api.auth import CLOSE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, endpoint
from chalicelib.api.fields import Day, InstantSchema
from chalicelib.api.http import Response, location
from chalicelib.api.validation import RequestBody
from chalicelib.commands import start_closing as command
from chalicelib.commands import wiring
from chalicelib.commands.stored_run import StoredRun, stored_run
from chalicelib.ledger.errors import (
    ConsolidationUnavailableError,
    IdempotencyKeyReusedError,
    LedgerUnavailableError,
    NotFoundError,
)
from chalicelib.ledger.instants import format_instant
from chalicelib.queries import consolidations as queries
from chalicelib.queries import wiring as queries_wiring


class ClosingBody(RequestBody):
    """The business day to close."""

    day: Day


class StartedResponse(TypedDict):
    """The consolidation run that was started."""

    id: str


class ConsolidationResponse(StartedResponse):
    """Status and counts of a consolidation run; counts are null until known."""

    status: Literal["running", "succeeded", "failed"]
    started_at: InstantSchema
    stopped_at: InstantSchema | None
    merchants: int | None
    closed: Annotated[int | None, Field(description="Number of closings created.")]
    repaired: Annotated[
        int | None, Field(description="Number of read-model rows that were repaired.")
    ]
    failed: Annotated[int | None, Field(description="Number of merchants that failed.")]


@endpoint(
    scope=CLOSE,
    body=ClosingBody,
    idempotent=True,
    responses=[
        ResponseSpec(
            202,
            StartedResponse,
            "Started, by this request or by an earlier identical one.",
            headers=("Location",),
        )
    ],
    raises=[IdempotencyKeyReusedError, LedgerUnavailableError, ConsolidationUnavailableError],
)
def start_consolidation(request: ApiRequest[None, ClosingBody]) -> Response:
    """Start closing a past day."""
    closing = command.ClosingRequest(request.body.day, request.key, request.sent)
    started = command.start_closing(wiring.ports(), request.principal, closing)
    observability.annotate(outcome="replayed" if started.replayed else "started")
    path = f"/v1/consolidations/{started.consolidation_id}"
    headers = {"Location": location(request.http, path)}
    if started.replayed:
        headers["Idempotent-Replayed"] = "true"
    body: StartedResponse = {"id": started.consolidation_id}
    return Response(202, body, headers)


@endpoint(
    scope=CLOSE,
    etag=True,
    responses=[ResponseSpec(200, ConsolidationResponse, "The status of the run.")],
    raises=[NotFoundError, ConsolidationUnavailableError, LedgerUnavailableError],
)
def get_consolidation(request: ApiRequest[None, None], consolidation_id: str) -> Response:
    """Get the status of a run that this merchant started."""
    merchant_id = request.principal.merchant_id
    run: queries.Consolidation | StoredRun
    try:
        describe = queries_wiring.describe_consolidation()
        run = queries.consolidation(describe, merchant_id, consolidation_id)
    except NotFoundError:
        stored = stored_run(wiring.ports(), merchant_id, consolidation_id)
        if stored is None:
            raise
        run = stored
    body: ConsolidationResponse = {
        "id": run.consolidation_id,
        "status": run.status,
        "started_at": format_instant(run.started_at),
        "stopped_at": format_instant(run.stopped_at) if run.stopped_at else None,
        "merchants": run.counts["merchants"],
        "closed": run.counts["closed"],
        "repaired": run.counts["repaired"],
        "failed": run.counts["failed"],
    }
    return etag.respond(request.http, body)
