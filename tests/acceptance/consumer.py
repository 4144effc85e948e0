"""A consumer of the service: HTTP to a base URL with a token, and nothing else."""

import http.client
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SECONDS = 30
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Reply:
    """What the service replied; header names are in lower case."""

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

    def is_problem(self, status: int) -> bool:
        """Say whether this is a whole problem+json of that status, with its headers."""
        problem = self.json
        named = {"type", "title", "status", "detail", "instance", "request_id"} <= set(problem)
        same = problem["status"] == self.status == status
        marked = problem["request_id"] == self.headers["x-request-id"]
        media_type = self.headers["content-type"].partition(";")[0]
        return named and same and marked and media_type == "application/problem+json"


@dataclass(frozen=True)
class Consumer:
    """Somebody with an access token, or (None) without one."""

    base_url: str
    token: str | None

    def get(self, path: str, **headers: str) -> Reply:
        """Get a path; header names in Python's spelling: if_none_match."""
        return self.ask("GET", path, headers)

    def post(self, path: str, body: Any, key: str | None = "", **headers: str) -> Reply:
        """Post a JSON value, or bytes as they are; `key` "" is a fresh one, None none."""
        named = {"content_type": "application/json"}
        if key is not None:
            named["idempotency_key"] = key or fresh_key()
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", path, named | headers, sent)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        """Send one request."""
        place = urlsplit(self.base_url + path)
        secure = place.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(place.netloc, timeout=SECONDS)
        sent = {name.replace("_", "-"): text for name, text in (headers or {}).items()}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        target = f"{place.path}?{place.query}" if place.query else place.path
        try:
            connection.request(method, target, body or None, sent)
            got = connection.getresponse()
            result = {name.lower(): text for name, text in got.getheaders()}
            return Reply(got.status, result, got.read().decode())
        finally:
            connection.close()

    def record(self, **body: Any) -> dict[str, Any]:
        """Record an entry of 1.00 BRL, or as told; return it."""
        reply = self.post("/v1/entries", {"type": "credit", "amount": "1.00"} | body)
        assert reply.status == 201, reply.text
        entry: dict[str, Any] = reply.json
        return entry

    def wait_for(self, entry: Mapping[str, Any]) -> None:
        """Wait until the read model contains an entry."""
        end = time.monotonic() + PATIENCE_SECONDS
        path = f"/v1/daily-balances/{entry['day']}?after={entry['id']}"
        while not self.get(path).json["freshness"]["complete"]:
            assert time.monotonic() < end, "the entry never reached the read model"


def fresh_key() -> str:
    """Return an idempotency key that nobody has used."""
    return secrets.token_hex(16)


def fresh_account() -> str:
    """Return an account that no other test books on."""
    return f"t-{secrets.token_hex(8)}"
