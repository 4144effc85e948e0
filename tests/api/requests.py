"""Requests as Chalice makes them of API Gateway's proxy events, for tests of single functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalice.app import Request


def http_request(
    method: str = "GET",
    route: str = "/",
    path: str = "/",
    headers: Mapping[str, Sequence[str]] | None = None,
    body: str | bytes | None = None,
    is_base64: bool = False,
    claims: Mapping[str, Any] | None = None,
) -> Request:
    """Return the request of a REST API proxy event; header names are in lower case."""
    return Request(proxy_event(method, route, path, headers, body, is_base64, claims), None)


def proxy_event(
    method: str = "GET",
    route: str = "/",
    path: str = "/",
    headers: Mapping[str, Sequence[str]] | None = None,
    body: str | bytes | None = None,
    is_base64: bool = False,
    claims: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a REST API proxy event; without `claims`, of a route without an authorizer."""
    authorizer = {"authorizer": {"claims": dict(claims)}} if claims is not None else {}
    return {
        "path": path,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": route,
            "requestId": "request-1",
            "path": f"/api{path}",
            "stage": "api",
            **authorizer,
        },
        "headers": {name: values[-1] for name, values in (headers or {}).items() if values},
        "multiValueHeaders": {name: list(values) for name, values in (headers or {}).items()},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": is_base64,
    }
