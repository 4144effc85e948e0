"""HTTP messages as values: what Chalice's request contains, and the response to it."""

import json
import posixpath
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from chalice.app import Request
from chalice.app import Response as ChaliceResponse

_EMPTY: Mapping[str, str] = MappingProxyType({})
# One encoder for all responses; json.dumps would make a new one for each.
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# Any web page may call the API (CORS, Fetch standard): access needs a token and never a cookie, so
# another site's page can do no more than another program.
_ON_EVERY_RESPONSE = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Idempotent-Replayed, Link, Location, Retry-After, WWW-Authenticate, X-Request-Id"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-None-Match"
_PREFLIGHT_SECONDS = 7200


class Response(NamedTuple):
    """A response; `body` is a JSON value, or None for an empty body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = _EMPTY
    media_type: str = "application/json"


def with_header(response: Response, name: str, text: str) -> Response:
    """Return the response with one more header."""
    return response._replace(headers={**response.headers, name: text})


def preflight(allowed: Sequence[str]) -> Response:
    """Return the response to OPTIONS on a path with these methods (CORS preflight)."""
    methods = ", ".join(allowed)
    headers = {
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": _REQUEST_HEADERS,
        "Access-Control-Max-Age": str(_PREFLIGHT_SECONDS),
    }
    return Response(204, headers=headers)


def chalice_response(response: Response, request: Request) -> ChaliceResponse:
    """Return Chalice's response, with the headers that every response carries.

    The response to HEAD has the headers of the one to GET, without the body (RFC 9110, 9.3.2).
    Raises TypeError or ValueError for a body that is not a JSON value.
    """
    headers = {**_ON_EVERY_RESPONSE, **response.headers, "X-Request-Id": request_id(request)}
    if response.body is None:
        return ChaliceResponse("", headers, response.status)
    headers["Content-Type"] = response.media_type
    body = encode(response.body)
    return ChaliceResponse("" if request.method == "HEAD" else body, headers, response.status)


def location(request: Request, path: str) -> str:
    """Return the Location of a path of this API, relative to the request's address.

    So it holds under any host, stage and base path (RFC 9110, 10.2.2, and RFC 3986, 5.2).
    """
    return posixpath.relpath(path, posixpath.dirname(request.path))


def header_values(request: Request, name: str) -> list[str]:
    """Return all values of a header, by its name in lower case; Chalice keeps only the last."""
    last = header(request, name)
    if last is None:
        return []
    repeated: Mapping[str, Sequence[str]] = request.to_original_event().get("multiValueHeaders")
    if not repeated:  # `chalice local` sends each header once
        return [last]
    return [text for sent, texts in repeated.items() if sent.lower() == name for text in texts]


def header(request: Request, name: str) -> str | None:
    """Return the last value of a header, by its name in lower case."""
    value: str | None = request.headers.get(name)
    return value


def query_parameters(request: Request) -> Mapping[str, Sequence[str]]:
    """Return all values of each query parameter, decoded."""
    return request.to_original_event().get("multiValueQueryStringParameters") or {}


def raw_body(request: Request) -> str | bytes:
    """Return the body as the gateway sends it (text, or base64 text), or as Chalice's server does.

    That is bytes under `chalice local`, and empty where there is no body.
    """
    return request.to_original_event().get("body") or b""


def is_base64(request: Request) -> bool:
    """Say whether the gateway encoded the body as base64."""
    return bool(request.to_original_event().get("isBase64Encoded"))


def request_id(request: Request) -> str:
    """Return the gateway's id of the request, which its own logs and errors also name.

    `chalice local` has no gateway; there it is the invocation's id.
    """
    given = request.context.get("requestId")
    return str(given or getattr(request.lambda_context, "aws_request_id", None) or "unknown")


def sent_path(request: Request) -> str:
    """Return the path as it was sent, without the stage."""
    sent = request.to_original_event().get("path")
    return str(sent or request.context.get("path") or request.path)
