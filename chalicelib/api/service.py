"""The service itself: its health, and the OpenAPI document."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired

from typing_extensions import TypedDict

from chalicelib.api import etag
from chalicelib.api.endpoint import ApiRequest, Default, ResponseSpec, endpoint
from chalicelib.api.http import Response
from chalicelib.api.problems import problem_response
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.runtime.wiring import once

DOCUMENT = Path(__file__).with_name("openapi.json")
"""The OpenAPI document, which packaging writes; a work tree does not have the file."""


class HealthResponse(TypedDict):
    """The function responds; no data store was checked."""

    status: NotRequired[Annotated[Literal["ok"], Default("ok")]]


class ReadinessResponse(TypedDict):
    """Entries can be recorded; the status of each data store."""

    status: NotRequired[Annotated[Literal["ok"], Default("ok")]]
    dependencies: dict[str, Literal["ok", "down"]]


class OpenApiResponse(TypedDict):
    """A document by the OpenAPI Specification 3.1."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]


@endpoint(scope=None, responses=[ResponseSpec(200, HealthResponse, "The function responds.")])
def health(_request: ApiRequest[None, None]) -> Response:
    """Respond, without touching a data store."""
    return Response(200, {"status": "ok"})


@endpoint(
    scope=None,
    responses=[
        ResponseSpec(200, ReadinessResponse, "Entries can be recorded; reads may be degraded.")
    ],
    raises=[LedgerUnavailableError],
)
def ready(request: ApiRequest[None, None]) -> Response:
    """Check every data store; the service is ready while entries can be recorded."""
    from chalicelib.api import readiness

    responding = readiness.dependencies()
    dependencies = {name: "ok" if responds else "down" for name, responds in responding.items()}
    if responding[readiness.LEDGER]:
        return Response(200, {"status": "ok", "dependencies": dependencies})
    error = LedgerUnavailableError("Entries cannot be recorded now.")
    response = problem_response(error, request.http)
    return response._replace(body={**response.body, "dependencies": dependencies})


@endpoint(
    scope=None,
    etag=True,
    responses=[ResponseSpec(200, OpenApiResponse, "This document.")],
)
def openapi(request: ApiRequest[None, None]) -> Response:
    """Return the OpenAPI document."""
    document, tag = _document()
    return etag.respond(request.http, document, tag=tag)


@once
def _document() -> tuple[dict[str, Any], str]:
    """Return the OpenAPI document and its ETag, which take longer to compute than most requests."""
    if DOCUMENT.exists():
        document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    else:
        document = _built_document()
    return document, etag.etag_of(document)


def _built_document() -> dict[str, Any]:
    import app
    from chalicelib.api.openapi.document import build

    return build(app.app.routes)
