"""The canary's requests over HTTP: its tokens, and how it reads responses."""

import base64
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from chalicelib.canary import client
from chalicelib.canary.client import Endpoints, MachineClient
from chalicelib.canary.journey import JourneyFailedError, Request, Response

SECRET = "very secret"


class Service(HTTPServer):
    """Issues tokens, responds to requests, and records them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tokens = 0
        self.status: int | None = None
        self.body: str | None = None
        self.requests: list[tuple[str, str, dict[str, str], str]] = []

    @property
    def endpoints(self) -> Endpoints:
        root = f"http://127.0.0.1:{self.server_port}"
        return Endpoints(f"{root}/api", f"{root}/oauth2/token")


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        self._answer(200 if self.path == "/oauth2/token" else 201)

    def _answer(self, status: int) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.requests.append((self.command, self.path, dict(self.headers), text))
        body = json.dumps({"path": self.path})
        if self.path == "/oauth2/token":
            self.server.tokens += 1
            body = json.dumps({"access_token": f"token-{self.server.tokens}", "expires_in": 3600})
        self.send_response(self.server.status or status)
        self.end_headers()
        self.wfile.write((self.server.body or body).encode())

    def log_message(self, *_: Any) -> None:
        """Write nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_token_is_reused_until_it_expires(service: Service) -> None:
    clock = Clock()
    canary = MachineClient(service.endpoints, "c-1", lambda: SECRET, clock)
    canary.send(Request("/v1/entries"))
    clock.seconds += 3600 - 120 - 1
    canary.send(Request("/v1/entries"))
    clock.seconds += 1
    canary.send(Request("/v1/entries"))
    sent = [headers["Authorization"] for _, path, headers, _ in service.requests if "/api" in path]
    assert sent == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_token_request_follows_rfc_6749(service: Service) -> None:
    MachineClient(service.endpoints, "c-1", lambda: SECRET).send(Request("/v1/entries"))
    method, path, headers, text = service.requests[0]
    pair = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert (method, path, pair) == ("POST", "/oauth2/token", f"c-1:{SECRET}")
    assert parse_qs(text) == {"grant_type": ["client_credentials"]}


def test_requests_carry_key_and_query(service: Service) -> None:
    canary = MachineClient(service.endpoints, "c-1", lambda: SECRET)
    assert canary.send(Request("/v1/entries", {"amount": "0.01"}, "k-1")).status == 201
    assert canary.send(Request("/v1/daily-balances?from=a&to=b")).body == {
        "path": "/api/v1/daily-balances?from=a&to=b"
    }
    method, path, headers, text = service.requests[1]
    assert (method, path, json.loads(text)) == ("POST", "/api/v1/entries", {"amount": "0.01"})
    assert (headers["Idempotency-Key"], headers["Content-Type"]) == ("k-1", "application/json")


def test_rejected_token_request_fails(service: Service) -> None:
    service.status = 400
    with pytest.raises(JourneyFailedError, match="returned 400") as caught:
        MachineClient(service.endpoints, "c-1", lambda: SECRET).send(Request("/v1/entries"))
    assert caught.value.step == "token"
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("body", ["<html>", "[]", "null", '"text"'])
def test_other_json_is_an_empty_object(service: Service, body: str) -> None:
    canary = MachineClient(service.endpoints, "c-1", lambda: SECRET)
    canary.send(Request("/v1/entries"))
    service.status, service.body = 502, body
    assert canary.send(Request("/v1/entries")) == Response(502, {})


def test_closed_port_fails(service: Service) -> None:
    nowhere = Endpoints("http://127.0.0.1:9", service.endpoints.token_url)
    with pytest.raises(JourneyFailedError, match="no response from 127") as caught:
        MachineClient(nowhere, "c-1", lambda: SECRET).send(Request("/v1/entries"))
    assert caught.value.step == "reach"


def test_silent_service_fails_in_8_s(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.TIMEOUT_SECONDS == 8.0
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_api = Endpoints(
            f"http://127.0.0.1:{silent.getsockname()[1]}", service.endpoints.token_url
        )
        with pytest.raises(JourneyFailedError, match="TimeoutError"):
            MachineClient(silent_api, "c-1", lambda: SECRET).send(Request("/v1/entries"))
