"""The canary's requests over HTTP: its tokens, and how it reads responses."""

import base64
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest

from chalicelib.canary import client
from chalicelib.canary.client import Endpoints, MachineClient
from chalicelib.canary.journey import JourneyFailedError, Request, Response
from verification.kit.http_server import Received, Sent, serving

SECRET = "very secret"


@dataclass
class Service:
    """Issues tokens, responds to requests, and records them."""

    root: str = ""
    tokens: int = 0
    status: int | None = None
    body: str | None = None
    requests: list[Received] = field(default_factory=list)

    def canary(self, api: str = "", now: Callable[[], float] = time.monotonic) -> MachineClient:
        """Return a client of this service, or of another API with this service's tokens."""
        endpoints = Endpoints(api or f"{self.root}/api", f"{self.root}/oauth2/token")
        return MachineClient(endpoints, "c-1", lambda: SECRET, now)

    def respond(self, request: Received) -> Sent:
        self.requests.append(request)
        is_token = request.path == "/oauth2/token"
        self.tokens += is_token
        token = {"access_token": f"token-{self.tokens}", "expires_in": 3600}
        status = 200 if is_token or request.method == "GET" else 201
        body = token if is_token else {"path": request.path}
        return Sent(self.status or status, self.body or body)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    with serving(service.respond) as service.root:
        yield service


def test_token_is_reused_until_it_expires(service: Service) -> None:
    clock = [100.0]
    canary = service.canary(now=lambda: clock[0])
    for seconds in (0, 3600 - 120 - 1, 1):
        clock[0] += seconds
        canary.send(Request("/v1/entries"))
    to_api = [request for request in service.requests if "/api" in request.path]
    tokens = [request.headers["Authorization"] for request in to_api]
    assert tokens == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_token_request_follows_rfc_6749(service: Service) -> None:
    service.canary().send(Request("/v1/entries"))
    sent = service.requests[0]
    pair = base64.b64decode(sent.headers["Authorization"].removeprefix("Basic ")).decode()
    assert (sent.method, sent.path, pair) == ("POST", "/oauth2/token", f"c-1:{SECRET}")
    assert parse_qs(sent.body) == {"grant_type": ["client_credentials"]}


def test_requests_carry_key_and_query(service: Service) -> None:
    canary = service.canary()
    assert canary.send(Request("/v1/entries", {"amount": "0.01"}, "k-1")).status == 201
    assert canary.send(Request("/v1/daily-balances?from=a&to=b")).body == {
        "path": "/api/v1/daily-balances?from=a&to=b"
    }
    sent = service.requests[1]
    assert (sent.method, sent.path, sent.body) == ("POST", "/api/v1/entries", '{"amount": "0.01"}')
    assert sent.headers["Idempotency-Key"] == "k-1"
    assert sent.headers["Content-Type"] == "application/json"


def test_rejected_token_request_fails(service: Service) -> None:
    service.status = 400
    with pytest.raises(JourneyFailedError, match="returned 400") as caught:
        service.canary().send(Request("/v1/entries"))
    assert caught.value.step == "token"
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("body", ["<html>", "[]", "null", '"text"'])
def test_other_json_is_an_empty_object(service: Service, body: str) -> None:
    canary = service.canary()
    canary.send(Request("/v1/entries"))
    service.status, service.body = 502, body
    assert canary.send(Request("/v1/entries")) == Response(502, {})


def test_closed_port_fails(service: Service) -> None:
    with pytest.raises(JourneyFailedError, match="no response from 127") as caught:
        service.canary("http://127.0.0.1:9").send(Request("/v1/entries"))
    assert caught.value.step == "reach"


def test_silent_service_fails_in_8_s(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.TIMEOUT_SECONDS == 8.0
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(JourneyFailedError, match="TimeoutError"):
            service.canary(address).send(Request("/v1/entries"))
