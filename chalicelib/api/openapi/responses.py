"""The responses of an operation with their headers, successes and errors, for OpenAPI."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from itertools import zip_longest
from typing import Any

from chalicelib.api.endpoint import Endpoint, ResponseSpec, Upload
from chalicelib.api.openapi.schemas import Schemas
from chalicelib.api.problem_schema import Problem
from chalicelib.api.problems import MEDIA_TYPE, problem_type_of

Route = tuple[str, str]
"""A path and a method of it."""

_TEXT = {"type": "string"}
HEADERS: dict[str, Any] = {
    "X-Request-Id": {
        "description": "The request's id, which the logs also contain.",
        "schema": _TEXT,
    },
    "ETag": {
        "description": (
            "A weak tag of the body, computed over everything except `freshness`: a client that "
            "gets 304 keeps an older `freshness`."
        ),
        "schema": _TEXT,
    },
    "Link": {
        "description": 'The next page, with rel="next"; absent on the last page.',
        "schema": _TEXT,
    },
    "Content-Disposition": {
        "description": "The name of the file; absent for JSON.",
        "schema": _TEXT,
    },
    "Location": {
        "description": "The created resource, as a reference relative to the request's address.",
        "schema": _TEXT,
    },
    "Idempotent-Replayed": {
        "description": "`true` if an identical request was already processed.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Accept-Encoding": {
        "description": "`identity`, if the request's Content-Encoding is not supported.",
        "schema": {"type": "string", "enum": ["identity"]},
    },
    "Allow": {"description": "The methods allowed on this path.", "schema": _TEXT},
    "WWW-Authenticate": {"description": "Authentication challenge (RFC 6750).", "schema": _TEXT},
    "Retry-After": {
        "description": "Seconds to wait before repeating the request.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
}
# API Gateway sends these for every operation, and the service sends some of them.
_ANYWHERE = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
_WITH_TOKEN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_WITH_BODY = (
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
_DESCRIPTIONS = {
    HTTPStatus.BAD_REQUEST: "Malformed request: its JSON, a header or a parameter.",
    HTTPStatus.UNAUTHORIZED: "No token, an invalid one, or one without a scope of this service.",
    HTTPStatus.FORBIDDEN: "The token lacks this operation's scope, or names no merchant.",
    HTTPStatus.NOT_FOUND: "Not found, or owned by another merchant.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Method not allowed on this path; see `Allow`.",
    HTTPStatus.NOT_ACCEPTABLE: "The file is not text, and the request has no Accept header.",
    HTTPStatus.CONFLICT: "Conflicts with the current state of the ledger.",
    HTTPStatus.PRECONDITION_FAILED: "It was changed since the ETag in If-Match was read.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body has more than 256 KiB.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "Content-Type must be application/json (UTF-8), without a Content-Encoding."
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: "Validation failed; every error is listed.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; retry after `Retry-After`.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Internal error.",
    HTTPStatus.SERVICE_UNAVAILABLE: "A data store is unavailable; retry after `Retry-After`.",
    HTTPStatus.GATEWAY_TIMEOUT: "The service took too long; retry after `Retry-After`.",
}
_HEADERS_OF = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
    HTTPStatus.METHOD_NOT_ALLOWED: ("Allow",),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("Accept-Encoding",),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
    HTTPStatus.GATEWAY_TIMEOUT: ("Retry-After",),
}
# Headers that only some of the responses with a status carry.
_OPTIONAL = frozenset({"Accept-Encoding", "Content-Disposition", "Idempotent-Replayed", "Link"})


def responses(
    endpoint: Endpoint, path: str, method: str, routes: Sequence[Route], schemas: Schemas
) -> dict[str, Any]:
    """Return the responses by status of an endpoint on a path; `routes` are all of the API."""
    described = {str(spec.status): _success(spec, endpoint, schemas) for spec in endpoint.responses}
    if endpoint.etag:
        described["304"] = {"description": "Not modified.", "headers": _headers(["ETag"])}
    for status in error_statuses(endpoint, path, method, routes):
        described[str(status.value)] = _error(status, _description(endpoint, status), schemas)
    return dict(sorted(described.items()))


def error_statuses(
    endpoint: Endpoint, path: str, method: str, routes: Sequence[Route]
) -> list[HTTPStatus]:
    """Return the statuses of all errors that the endpoint can respond with."""
    statuses = {*_ANYWHERE, *_own_statuses(endpoint)}
    if any(_is_ambiguous(path, method, route) for route in routes):
        statuses.add(HTTPStatus.METHOD_NOT_ALLOWED)
    return sorted(statuses)


def _is_ambiguous(path: str, method: str, other: Route) -> bool:
    # /v1/entries/batch also matches /v1/entries/{entry_id}, and has other methods.
    parts = zip_longest(path.split("/"), other[0].split("/"), fillvalue="")
    matches = all(mine == theirs or (mine[:1] == "{" and theirs) for mine, theirs in parts)
    return matches and other[0] != path and other[1] != method


def _own_statuses(endpoint: Endpoint) -> Iterator[HTTPStatus]:
    if endpoint.scope:
        yield from _WITH_TOKEN
    if endpoint.body:
        yield from _WITH_BODY
    for error in endpoint.raises:
        yield problem_type_of(error).status


def _success(spec: ResponseSpec, endpoint: Endpoint, schemas: Schemas) -> dict[str, Any]:
    tag = ["ETag"] if endpoint.etag else []
    replay = ["Idempotent-Replayed"] if endpoint.idempotent else []
    headers = _headers([*tag, *replay, *spec.headers])
    described: dict[str, Any] = {"description": spec.description, "headers": headers}
    if spec.body:
        described["content"] = {
            "application/json": {"schema": schemas.response(spec.body)},
            **{media_type: {} for media_type in spec.media_types},
        }
    return described


def _description(endpoint: Endpoint, status: HTTPStatus) -> str:
    upload = endpoint.body
    if isinstance(upload, Upload):
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return f"The file has more than {upload.limits}."
        if status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
            types = ", ".join(upload.media_types)
            return f"Content-Type must be one of {types}, without a Content-Encoding."
    return _DESCRIPTIONS[status]


def _error(status: HTTPStatus, description: str, schemas: Schemas) -> dict[str, Any]:
    return {
        "description": description,
        "headers": _headers(_HEADERS_OF.get(status, ())),
        "content": {MEDIA_TYPE: {"schema": schemas.response(Problem)}},
    }


def _headers(names: Sequence[str]) -> dict[str, Any]:
    return {name: _header(name) for name in ("X-Request-Id", *names)}


def _header(name: str) -> dict[str, Any]:
    if name in _OPTIONAL:
        return {"$ref": f"#/components/headers/{name}"}
    return {**HEADERS[name], "required": True}
