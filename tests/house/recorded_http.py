"""Requests to the application as API Gateway hands them in, and what its answers are made of."""

import itertools
import json
import re
from collections.abc import Mapping
from typing import Any

import app
from tests.house.shapes import merged, pattern, shape

SCOPES = ("livro-caixa/read", "livro-caixa/write", "livro-caixa/close")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
# Headers that differ by request; all others are constant and pinned with their values.
VARIABLE_HEADERS = {
    "Access-Control-Allow-Methods", "Allow", "ETag", "Link", "Location", "X-Request-Id",
}  # fmt: skip
SAMPLES = {
    "entry_id": "a" * 32, "day": "2025-03-14", "version": "1",
    "consolidation_id": "2025-03-14-" + "a" * 32,
}  # fmt: skip
_numbers = itertools.count(1)


class Context:
    """What Lambda hands a function beside its event."""

    function_name = "livro-caixa-names"
    aws_request_id = "request-of-lambda"

    def __init__(self, milliseconds: int = 900_000) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the call may go on."""
        return self._milliseconds


class Api:
    """Sends requests and remembers headers, bodies and problems by route and status."""

    def __init__(self) -> None:
        self._responses: dict[str, Any] = {}
        self.problems: set[str] = set()

    def send(
        self,
        route: str,
        body: Any = None,
        key: str | None = None,
        merchant: str | None = "busy-bakery",
        scopes: tuple[str, ...] = SCOPES,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        parameters: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Send `METHOD /path/{parameter}` and return the proxy response with its parsed body."""
        sent = {"Content-Type": "application/json"} if body is not None else {}
        sent |= {"Idempotency-Key": key} if key else {}
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        claims = {"sub": "joana", "token_use": "access", "scope": " ".join(scopes)}
        claims |= {"merchant_id": merchant} if merchant else {}
        event = proxy_event(route, {**sent, **(headers or {})}, text, query, parameters or {})
        if scopes:
            event["requestContext"]["authorizer"] = {"claims": claims}
        response: dict[str, Any] = app.app(event, Context())
        response["json"] = json.loads(response["body"]) if response["body"] else None
        self._remember(route, response)
        return response

    def names(self) -> dict[str, Any]:
        """Return what responses hold; headers that all of them have in common are listed once."""
        every = [set(parts["headers"].items()) for parts in self._responses.values()]
        common = set.intersection(*every)
        return {"every response": {"headers": dict(common)}} | {
            name: {**parts, "headers": dict(set(parts["headers"].items()) - common)}
            for name, parts in self._responses.items()
        }

    def _remember(self, route: str, response: dict[str, Any]) -> None:
        status, body = response["statusCode"], response["json"]
        if route == "GET /openapi.json":  # its body has a separate file
            body = None
        if status >= 400:
            self.problems.add(f"{status} {body['type']}")
        headers = {
            name: "" if name in VARIABLE_HEADERS else pattern(value)
            for name, value in response["headers"].items()
        }
        name = f"problem {status}" if status >= 400 else f"{route} {status}"
        parts = {"headers": headers, "body": shape(body)}
        self._responses[name] = merged([parts], self._responses.get(name))


def proxy_event(
    route: str,
    headers: Mapping[str, str],
    body: str | None,
    query: str,
    parameters: Mapping[str, str],
) -> dict[str, Any]:
    """Return a REST API's proxy event (AWS: "Input format of a Lambda function")."""
    method, resource = route.split(" ")
    path = re.sub(r"{(\w+)}", lambda match: parameters[match[1]], resource)
    pairs = [pair.partition("=") for pair in query.split("&")] if query else []
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: value for name, _, value in pairs} or None,
        "multiValueQueryStringParameters": {name: [value] for name, _, value in pairs} or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": resource,
            "path": f"/api{path}",
            "stage": "api",
            "requestId": f"request-{next(_numbers)}",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def route_names(api: Api) -> dict[str, dict[str, str]]:
    """Return, by path and method, the scope that a token must have, tried with each scope alone.

    `open` needs no token; methods that answer 405 are listed together, with those in `Allow`.
    """
    return {path: _path_names(api, path, sorted(app.app.routes[path])) for path in app.app.routes}


def _path_names(api: Api, path: str, methods: list[str]) -> dict[str, str]:
    parameters = {name: SAMPLES[name] for name in re.findall(r"{(\w+)}", path)}
    names: dict[str, str] = {}
    for method in methods:
        route = f"{method} {path}"
        anonymous = api.send(route, scopes=(), parameters=parameters)
        if anonymous["statusCode"] in (204, 405):
            allowed = ", ".join(sorted(anonymous["headers"]["Allow"].split(", ")))
            name = f"{anonymous['statusCode']} Allow: {allowed}"
            names[name] = f"{names[name]} {method}" if name in names else method
        else:
            is_open = anonymous["statusCode"] != 401
            names[method] = "open" if is_open else _scopes(api, route, parameters)
    return names


def _scopes(api: Api, route: str, parameters: Mapping[str, str]) -> str:
    """Return the scopes each of which lets a token pass."""
    passing = [
        scope
        for scope in SCOPES
        if api.send(route, scopes=(scope,), parameters=parameters)["statusCode"] not in (401, 403)
    ]
    return " or ".join(passing)
