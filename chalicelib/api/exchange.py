"""One HTTP exchange as values: what the gateway hands in, and what goes back."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote

_NOTHING: Mapping[str, Any] = MappingProxyType({})
# One for all: json.dumps would make another for each answer.
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class WebRequest(NamedTuple):
    """A request as API Gateway's proxy event tells it.

    `route` is the path's pattern, `path` the path as sent, without the stage. Header names are in
    lower case. `body` is as in the event: text, bytes under `chalice local`, or base64 text.
    `claims` are the token's as the gateway proved them, None where it proved none.
    """

    method: str
    route: str
    path: str
    request_id: str
    path_parameters: Mapping[str, str] = _NOTHING
    query: Mapping[str, Sequence[str]] = _NOTHING
    headers: Mapping[str, Sequence[str]] = _NOTHING
    body: str | bytes | None = None
    body_is_base64: bool = False
    claims: Mapping[str, Any] | None = None

    def header(self, name: str) -> str | None:
        """Return the last value of a header, by its lower-case name."""
        values = self.headers.get(name)
        return values[-1] if values else None


class Answer(NamedTuple):
    """What goes back: `body` is a JSON value, or None for no body at all."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = _NOTHING
    media_type: str = "application/json"


def read_event(event: Mapping[str, Any], context: Any) -> WebRequest:
    """Return the request of a REST API proxy event (AWS: "Input format of a Lambda function").

    `chalice local` sends the same shape with fewer parts, so every part may be absent.
    """
    about = event.get("requestContext") or {}
    route = about.get("resourcePath") or ""
    return WebRequest(
        method=about.get("httpMethod") or "",
        route=route,
        path=event.get("path") or about.get("path") or route,
        request_id=_request_id(about, context),
        path_parameters=_decoded(event.get("pathParameters") or {}),
        query=event.get("multiValueQueryStringParameters") or {},
        headers=_headers(event),
        body=event.get("body"),
        body_is_base64=bool(event.get("isBase64Encoded")),
        claims=(about.get("authorizer") or {}).get("claims"),
    )


def proxy_response(answer: Answer, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return an answer with all its headers, for a REST API's proxy integration.

    Raises TypeError or ValueError for a body that is no JSON value. AWS: "Output format of a Lambda
    function for proxy integration".
    """
    sent, body = headers, ""
    if answer.body is not None:
        sent, body = {**headers, "Content-Type": answer.media_type}, _written(answer.body)
    # The empty part is for `chalice local`, which breaks without it.
    return {"statusCode": answer.status, "headers": sent, "multiValueHeaders": {}, "body": body}


def _request_id(about: Mapping[str, Any], context: Any) -> str:
    # The gateway's id stands in its own logs and refusals too; `chalice local` has no gateway.
    return str(about.get("requestId") or getattr(context, "aws_request_id", None) or "unknown")


def _decoded(parameters: Mapping[str, str]) -> dict[str, str]:
    # Neither the gateway nor Chalice decodes the parts of a path (RFC 3986, section 2.1).
    return {name: unquote(text) for name, text in parameters.items()}


def _headers(event: Mapping[str, Any]) -> dict[str, list[str]]:
    many = event.get("multiValueHeaders")
    pairs = many or {name: [value] for name, value in (event.get("headers") or {}).items()}
    joined: dict[str, list[str]] = {}
    for name, values in pairs.items():
        joined.setdefault(name.lower(), []).extend(values)
    return joined
