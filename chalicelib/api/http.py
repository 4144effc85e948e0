"""HTTP messages as values: what Chalice's request contains, and the response to it."""

import base64
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
        "Content-Disposition, ETag, Idempotent-Replayed, Link, Location, Retry-After, "
        "WWW-Authenticate, X-Request-Id"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
_PREFLIGHT_SECONDS = 7200


class Response(NamedTuple):
    """A response; `body` is a JSON value, a file's bytes, or None for an empty body."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = _EMPTY
    media_type: str = "application/json"


class EncodedResponse(ChaliceResponse):  # type: ignore[misc]
    """Chalice's response; bytes that are not text are sent as base64, which the gateway decodes.

    Chalice itself would encode every body, because the gateway handles all media types as binary:
    with a list of types it would decode a file only for a client that names the type in Accept.
    """

    def to_dict(self, _binary_types: list[str] | None = None) -> dict[str, Any]:
        """Return the response as the gateway's proxy integration takes it."""
        content: Any = vars(self)["body"]
        is_base64 = isinstance(content, bytes) and not is_text(content)
        if isinstance(content, bytes):
            self.body = (base64.b64encode(content) if is_base64 else content).decode()
        response: dict[str, Any] = super().to_dict(None)
        return {**response, "isBase64Encoded": True} if is_base64 else response


def with_header(response: Response, name: str, text: str) -> Response:
    """Return the response with one more header."""
    return response._replace(headers={**response.headers, name: text})


def preflight(allowed: Sequence[str]) -> Response:
    """Return the response to OPTIONS on a path with these methods (CORS preflight).

    It has every header but the request's id; a deployed gateway returns it itself.
    """
    methods = ", ".join(allowed)
    headers = {
        **_ON_EVERY_RESPONSE,
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
        return EncodedResponse("", headers, response.status)
    headers["Content-Type"] = response.media_type
    content = response.body if isinstance(response.body, bytes) else encode(response.body)
    return EncodedResponse("" if request.method == "HEAD" else content, headers, response.status)


def location(request: Request, path: str) -> str:
    """Return the Location of a path of this API, relative to the request's address.

    So it holds under any host, stage and base path (RFC 9110, 10.2.2, and RFC 3986, 5.2).
    """
    return posixpath.relpath(path, posixpath.dirname(request.path))


def is_text(content: bytes) -> bool:
    """Return whether bytes are UTF-8, which the gateway passes on as they are."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def accept(request: Request) -> str | None:
    """Return the Accept header as the client sent it."""
    headers = request.to_original_event().get("headers") or {}
    return next((value for name, value in headers.items() if name.lower() == "accept"), None)


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
