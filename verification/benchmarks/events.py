"""Requests as events of API Gateway's REST API (proxy events)."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_NUMBERS = itertools.count(1)
CLAIMS = {
    "sub": "1fe0c7b5-8f0c-4f5e-9a52-0f6f3f1c6d2a",
    "token_use": "access",
    "scope": "livro-caixa/read livro-caixa/write",
    "merchant_id": "padaria",
    "cognito:groups": "[operator]",
    "exp": "1795449600",
    "iat": "1795446000",
}
BODY: dict[str, Any] = {
    "type": "credit",
    "amount": "150.75",
    "currency": "BRL",
    "account": "main",
    "occurred_at": "2026-11-23T14:05:00-03:00",
    "description": "Venda balcão",
    "category": "sales",
    "metadata": {"order": "A-17"},
}


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of Lambda's context object that Chalice reads."""

    aws_request_id: str = "6c4d9e6e-3b53-4bb1-9a63-4a9d4f3b7f10"
    function_name: str = "livro-caixa"
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:sa-east-1:000000000000:function:livro-caixa"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return 29_000


CONTEXT = Context()


def post_entry(
    body: dict[str, Any] | None = None, key: str | None = None, merchant: str = "padaria"
) -> dict[str, Any]:
    """Return the event of POST /v1/entries, with a new key unless one is given."""
    key = key or f"key-{next(_NUMBERS)}"
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    sent = json.dumps(BODY if body is None else body)
    return api_event("POST", "/v1/entries", headers, body=sent, merchant=merchant)


def post_batch(bodies: Sequence[dict[str, Any]], merchant: str = "padaria") -> dict[str, Any]:
    """Return the event of POST /v1/entries/batch; each entry has a new key."""
    entries = [body | {"idempotency_key": f"key-{next(_NUMBERS)}"} for body in bodies]
    headers = {"Content-Type": "application/json"}
    sent = json.dumps({"entries": entries})
    return api_event("POST", "/v1/entries/batch", headers, body=sent, merchant=merchant)


def get_balance(
    day: str, query: dict[str, str] | None = None, merchant: str = "padaria"
) -> dict[str, Any]:
    """Return the event of GET /v1/daily-balances/{day}."""
    route = "/v1/daily-balances/{day}"
    return api_event("GET", route, query=query, parameters={"day": day}, merchant=merchant)


def get_balances(first: str, last: str, merchant: str = "padaria") -> dict[str, Any]:
    """Return the event of GET /v1/daily-balances of several days."""
    span = {"from": first, "to": last}
    return api_event("GET", "/v1/daily-balances", query=span, merchant=merchant)


def api_event(
    method: str,
    route: str,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    body: str | None = None,
    parameters: dict[str, str] | None = None,
    merchant: str = "padaria",
) -> dict[str, Any]:
    """Return the event of a request to a route, whose path has the path parameters."""
    path = route.format(**(parameters or {}))
    sent = {"Host": "api.example.org", "Accept": "*/*", "User-Agent": "caixa/1.0"}
    sent |= headers or {}
    return {
        "resource": route,
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [text] for name, text in sent.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": query and {name: [v] for name, v in query.items()},
        "pathParameters": parameters,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": route,
            "path": f"/api{path}",
            "httpMethod": method,
            "stage": "api",
            "requestId": f"request-{next(_NUMBERS)}",
            "authorizer": {"claims": CLAIMS | {"merchant_id": merchant}},
            "identity": {"sourceIp": "192.0.2.1", "userAgent": "caixa/1.0"},
        },
        "body": body,
        "isBase64Encoded": False,
    }
