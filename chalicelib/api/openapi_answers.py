"""Every answer that an operation can give, with its headers, for the OpenAPI document."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from itertools import zip_longest
from typing import Any

from chalicelib.api.models.problem import Problem
from chalicelib.api.openapi_schemas import Schemas
from chalicelib.api.operations import Operation
from chalicelib.api.problems import KINDS, MEDIA_TYPE
from chalicelib.api.views.view import Gives, View

_TEXT = {"type": "string"}
HEADERS: dict[str, Any] = {
    "X-Request-Id": {"description": "The request's id, in the logs too.", "schema": _TEXT},
    "ETag": {"description": "A strong tag of all but `freshness`.", "schema": _TEXT},
    "Link": {"description": 'The next page, with rel="next"; absent at the end.', "schema": _TEXT},
    "Location": {"description": "The path of what was made.", "schema": _TEXT},
    "Idempotent-Replayed": {
        "description": "`true` where the same request was answered before.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Allow": {"description": "The methods that the path takes.", "schema": _TEXT},
    "WWW-Authenticate": {"description": "How to prove who asks (RFC 6750).", "schema": _TEXT},
    "Retry-After": {
        "description": "Seconds to wait before sending the request again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
}
# The gateway in front answers these for every operation, and the service itself some of them.
_ANYWHERE = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
_WITH_A_TOKEN = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_WITH_A_BODY = (
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
_MEANINGS = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read: its JSON, a header or a parameter.",
    HTTPStatus.UNAUTHORIZED: "No token, a bad one, or one without any scope of this service.",
    HTTPStatus.FORBIDDEN: "The token lacks this operation's scope, or names no merchant.",
    HTTPStatus.NOT_FOUND: "Nothing of this merchant has that name.",
    HTTPStatus.METHOD_NOT_ALLOWED: "The path is another one's, which takes other methods.",
    HTTPStatus.CONFLICT: "The state of the ledger is against it.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body has over 256 KiB.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not said to be JSON in UTF-8.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "The body reads and breaks rules, all of them named.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests at once.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault on the service's side.",
    HTTPStatus.SERVICE_UNAVAILABLE: "A store does not answer now, or is not what was sealed.",
    HTTPStatus.GATEWAY_TIMEOUT: "The service took too long.",
}
_HEADERS_OF = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
    HTTPStatus.METHOD_NOT_ALLOWED: ("Allow",),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
    HTTPStatus.GATEWAY_TIMEOUT: ("Retry-After",),
}
# Not every answer of that status has them.
_SOMETIMES = frozenset({"Idempotent-Replayed", "Link"})


def answers(
    operation: Operation, operations: Sequence[Operation], schemas: Schemas
) -> dict[str, Any]:
    """Return the operation's answers by status, as the document names them."""
    view = operation.find_view()
    result = {str(gives.status): _given(gives, schemas) for gives in view.gives}
    if view.tagged:
        result["304"] = {"description": "The asker has it already.", "headers": _headers(["ETag"])}
    for status in refusals(operation, operations):
        result[str(status.value)] = _refusal(status, schemas)
    return dict(sorted(result.items()))


def refusals(operation: Operation, operations: Sequence[Operation]) -> list[HTTPStatus]:
    """Return the statuses of the refusals that an operation, one of these, can meet."""
    met = {*_ANYWHERE, *_of_its_own(operation.find_view(), operation.scope)}
    if any(_stands_in_the_way(other, operation) for other in operations):
        met.add(HTTPStatus.METHOD_NOT_ALLOWED)
    return sorted(met)


def _stands_in_the_way(other: Operation, operation: Operation) -> bool:
    # /v1/entries/batch is also what /v1/entries/{entry_id} looks like, and takes other methods.
    parts = zip_longest(operation.path.split("/"), other.path.split("/"), fillvalue="")
    alike = all(mine == theirs or (mine[:1] == "{" and theirs) for mine, theirs in parts)
    return alike and other.path != operation.path and other.method != operation.method


def _of_its_own(view: View[Any, Any], scope: str | None) -> Iterator[HTTPStatus]:
    if scope:
        yield from _WITH_A_TOKEN
    if view.takes_body:
        yield from _WITH_A_BODY
    for refused in view.refuses:
        yield next(KINDS[above].status for above in refused.__mro__ if above in KINDS)


def _given(gives: Gives, schemas: Schemas) -> dict[str, Any]:
    result: dict[str, Any] = {"description": gives.meaning, "headers": _headers(gives.headers)}
    if gives.model:
        result["content"] = {"application/json": {"schema": schemas.shown(gives.model)}}
    return result


def _refusal(status: HTTPStatus, schemas: Schemas) -> dict[str, Any]:
    return {
        "description": _MEANINGS[status],
        "headers": _headers(_HEADERS_OF.get(status, ())),
        "content": {MEDIA_TYPE: {"schema": schemas.shown(Problem)}},
    }


def _headers(names: Sequence[str]) -> Mapping[str, Any]:
    return {name: _header(name) for name in ("X-Request-Id", *names)}


def _header(name: str) -> dict[str, Any]:
    if name in _SOMETIMES:
        return {"$ref": f"#/components/headers/{name}"}
    return {**HEADERS[name], "required": True}
