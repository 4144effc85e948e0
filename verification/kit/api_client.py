"""One client of the API, over HTTP or in this process, which sends what a consumer would send."""

import base64
import json
import secrets
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import LocalChalice, LocalGateway

from local.http_client import call

PROJECTION_SECONDS = 30
ALL_SCOPES = ("livro-caixa/read", "livro-caixa/write", "livro-caixa/close")


@dataclass(frozen=True)
class Response:
    """A response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text in UTF-8."""
        return self.content.decode()

    @property
    def json(self) -> Any:
        """The body's JSON value."""
        return json.loads(self.text)

    @property
    def error_fields(self) -> list[str]:
        """The names of the fields with errors, sorted."""
        return sorted(error["field"] for error in self.json.get("errors", []))

    def is_problem(self, status: int, *fields: str) -> bool:
        """Say whether this is a complete problem+json, with that status and errors in `fields`."""
        problem = self.json
        members = {"type", "title", "status", "detail", "instance", "request_id"}
        return (
            members <= set(problem)
            and problem["status"] == self.status == status
            and problem["request_id"] == self.headers["x-request-id"]
            and self.headers["content-type"].partition(";")[0] == "application/problem+json"
            and (not fields or self.error_fields == sorted(fields))
        )


Transport = Callable[[str, str, Mapping[str, str], bytes], Response]
"""Sends a method, a path with its query, headers and a body."""


@dataclass(frozen=True)
class ApiClient:
    """A consumer with an access token, or (None) without one."""

    transport: Transport
    token: str | None

    @property
    def merchant_id(self) -> str:
        """The merchant that the token names."""
        payload = (self.token or "").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["merchant_id"])

    def get(self, path: str, **headers: str) -> Response:
        """Get a path; header names are spelled as in Python: if_none_match."""
        return self.request("GET", path, headers)

    def post(self, path: str, body: Any, key: str | None = "", **headers: str) -> Response:
        """Post a JSON value, or bytes as they are; `key` "" is a new key, None is no key."""
        sent = {"content_type": "application/json"}
        if key is not None:
            sent["idempotency_key"] = key or fresh_key()
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request("POST", path, sent | headers, content)

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Response:
        """Send one request."""
        sent = {name.replace("_", "-"): text for name, text in (headers or {}).items()}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        return self.transport(method, path, sent, body)

    def record(self, **body: Any) -> dict[str, Any]:
        """Record an entry of 1.00 BRL, or with other fields; return it."""
        response = self.post("/v1/entries", {"type": "credit", "amount": "1.00"} | body)
        assert response.status == 201, response.text
        entry: dict[str, Any] = response.json
        return entry

    def wait_for(self, entry: Mapping[str, Any], seconds: float = PROJECTION_SECONDS) -> None:
        """Wait until the read model contains an entry."""
        end = time.monotonic() + seconds
        path = f"/v1/daily-balances/{entry['day']}?after={entry['id']}"
        while not self.get(path).json["freshness"]["complete"]:
            assert time.monotonic() < end, "the entry never reached the read model"


def over_http(base_url: str) -> Transport:
    """Return the transport to a running service, a new connection for each request."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        answer = call(method, base_url + path, headers, body)
        names = {name.lower(): text for name, text in answer.headers.items()}
        return Response(answer.status, names, answer.content)

    return send


def in_process(application: Chalice) -> Transport:
    """Return the transport to an application in this process, which many threads may use.

    It is the gateway inside `chalice.test.Client`. That client itself changes environment variables
    during a request, which several threads must not do. The claims of any token are passed on,
    unverified.
    """
    application.__class__ = LocalChalice  # keeps a request per thread, as `chalice local` does
    gateway = LocalGateway(application, Config())
    warnings.filterwarnings("ignore", message=".* supported in local mode")  # tokens, verified

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        sent = gateway.handle_request(method, path, dict(headers), body)
        names = {name.lower(): text for name, text in sent["headers"].items()}
        is_base64 = sent.get("isBase64Encoded")
        content = base64.b64decode(sent["body"]) if is_base64 else sent["body"].encode()
        return Response(sent["statusCode"], names, content)

    return send


def unverified_token(
    merchant_id: str | None = "padaria",
    subject: str = "joana",
    scopes: tuple[str, ...] = ALL_SCOPES,
    extra: Mapping[str, object] | None = None,
) -> str:
    """Return an unsigned access token for `in_process`, with `extra` claims."""
    claims: dict[str, object] = {
        "sub": subject,
        "token_use": "access",
        "cognito:username": subject,  # Chalice passes claims on only with this one
        "cognito:groups": "[operator]",
        "exp": "1795449600",
        "scope": " ".join(scopes),
        "merchant_id": merchant_id,
        **(extra or {}),
    }
    present = {name: value for name, value in claims.items() if value is not None}
    payload = base64.urlsafe_b64encode(json.dumps(present).encode()).decode().rstrip("=")
    return f"unsigned.{payload}.token"


def fresh_key() -> str:
    """Return an idempotency key that was never used."""
    return secrets.token_hex(16)


def fresh_account() -> str:
    """Return an account that no other test uses."""
    return f"t-{secrets.token_hex(8)}"
