"""How tests ask the application: by the events that API Gateway would hand in."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalice.local import RouteMatcher

import app
from chalicelib.api.admission import CLOSE, READ, WRITE

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Told:
    """An answer as the gateway gets it."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body's JSON value."""
        return json.loads(self.text)

    @property
    def faults(self) -> list[str]:
        """The fields at fault, sorted."""
        return sorted(fault["field"] for fault in self.json.get("errors", []))


@dataclass(frozen=True)
class ApiClient:
    """Somebody whose token the gateway has proved; `scopes` empty means it passed none on."""

    merchant_id: str | None = "padaria"
    subject: str = "joana"
    scopes: tuple[str, ...] = (READ, WRITE, CLOSE)
    claims: Mapping[str, Any] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Told:
        """Ask for a path; header names in Python's spelling: if_none_match."""
        return self.ask("GET", path, headers=_spelt(headers))

    def post(self, path: str, body: Any, key: str | None = "", **headers: str) -> Told:
        """Post a JSON value, or bytes or text as they are; `key` "" is a fresh one, None none."""
        named = {} if key is None else {"Idempotency-Key": key or f"key-{next(_numbers)}"}
        sent = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.ask(
            "POST", path, {"Content-Type": "application/json"} | named | _spelt(headers), sent
        )

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: str | bytes | None = None
    ) -> Told:
        """Ask as told."""
        return answer(event_of(method, path, headers, body, self._claims()))

    def _claims(self) -> dict[str, Any]:
        scope = {"scope": " ".join(self.scopes)} if self.scopes else {}
        merchant = {"merchant_id": self.merchant_id} if self.merchant_id is not None else {}
        times = {"exp": "1795449600", "iat": "1795446000", "auth_time": "1795446000"}
        said = {"sub": self.subject, "token_use": "access", "cognito:groups": "[operator]"}
        return {**said, **times, **scope, **merchant, **self.claims}


def answer(event: Mapping[str, Any]) -> Told:
    """Return what the application answers to an event."""
    result = app.app(event, None)
    return Told(result["statusCode"], result["headers"], result["body"])


def event_of(
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    claims: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a REST API proxy event; without `claims` as of a route that demands no token."""
    number = next(_numbers)
    authorizer = {"authorizer": {"claims": dict(claims)}} if claims is not None else {}
    return {
        "path": urlsplit(path).path,
        "requestContext": {
            "httpMethod": method,
            "requestId": f"request-{number}",
            "path": f"/api{urlsplit(path).path}",
            "stage": "api",
            **authorizer,
            **_matched(path),
        },
        "headers": dict(headers or {}),
        "multiValueHeaders": {name: [text] for name, text in (headers or {}).items()},
        "multiValueQueryStringParameters": _query(path),
        "pathParameters": RouteMatcher(_routes()).match_route(path).captured
        if _known(path)
        else None,
        "stageVariables": None,
        "body": body,
        "isBase64Encoded": False,
    }


def _matched(path: str) -> dict[str, Any]:
    return {"resourcePath": RouteMatcher(_routes()).match_route(path).route} if _known(path) else {}


def _known(path: str) -> bool:
    try:
        RouteMatcher(_routes()).match_route(path)
    except ValueError:
        return False
    return True


def _routes() -> list[str]:
    return list(app.app.routes)


def _query(path: str) -> dict[str, list[str]] | None:
    return parse_qs(urlsplit(path).query, keep_blank_values=True) or None


def _spelt(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in headers.items()}
