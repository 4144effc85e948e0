"""Requests as Chalice makes them of API Gateway's proxy events, for tests of single functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalice.app import Request


def http_request(*words: Any, **parts: Any) -> Request:
    """Return the request of a `proxy_event` with these arguments."""
    return Request(proxy_event(*words, **parts), None)


def proxy_event(
    method: str = "GET",
    route: str = "/",
    path: str = "/",
    headers: Mapping[str, Sequence[str]] | None = None,
    body: str | bytes | None = None,
    is_base64: bool = False,
    claims: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a REST API's event, header names in lower case; without `claims` no authorizer."""
    sent = {name: list(values) for name, values in (headers or {}).items()}
    return {
        "path": path,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": route,
            "requestId": "request-1",
            "path": f"/api{path}",
            "stage": "api",
            **({} if claims is None else {"authorizer": {"claims": dict(claims)}}),
        },
        "headers": {name: values[-1] for name, values in sent.items() if values},
        "multiValueHeaders": sent,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": is_base64,
    }
