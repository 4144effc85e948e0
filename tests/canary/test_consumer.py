"""The canary's requests over HTTP: its token, and what it makes of answers."""

import base64
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from chalicelib.canary import consumer
from chalicelib.canary.consumer import Consumer, Place
from chalicelib.canary.journey import Lost, Reply, Request

SECRET = "very secret"


class Service(HTTPServer):
    """Gives out tokens and answers requests; keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tokens = 0
        self.refusal: int | None = None
        self.says: str | None = None
        self.asked: list[tuple[str, str, dict[str, str], str]] = []

    @property
    def place(self) -> Place:
        root = f"http://127.0.0.1:{self.server_port}"
        return Place(f"{root}/api", f"{root}/oauth2/token")


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        self._answer(200 if self.path == "/oauth2/token" else 201)

    def _answer(self, status: int) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.asked.append((self.command, self.path, dict(self.headers), text))
        body = json.dumps({"path": self.path})
        if self.path == "/oauth2/token":
            self.server.tokens += 1
            body = json.dumps({"access_token": f"token-{self.server.tokens}", "expires_in": 3600})
        self.send_response(self.server.refusal or status)
        self.end_headers()
        self.wfile.write((self.server.says or body).encode())

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


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_token_is_asked_for_once_and_again_before_it_ends(service: Service) -> None:
    clock = Hand()
    canary = Consumer(service.place, "c-1", lambda: SECRET, clock)
    canary.ask(Request("/v1/entries"))
    clock.seconds += 3600 - 120 - 1
    canary.ask(Request("/v1/entries"))
    clock.seconds += 1
    canary.ask(Request("/v1/entries"))
    sent = [headers["Authorization"] for _, path, headers, _ in service.asked if "/api" in path]
    assert sent == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_a_token_is_asked_for_as_rfc_6749_has_it(service: Service) -> None:
    Consumer(service.place, "c-1", lambda: SECRET).ask(Request("/v1/entries"))
    method, path, headers, text = service.asked[0]
    pair = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
    assert (method, path, pair) == ("POST", "/oauth2/token", f"c-1:{SECRET}")
    assert parse_qs(text) == {"grant_type": ["client_credentials"]}


def test_a_post_goes_with_its_key_and_a_get_with_its_query(service: Service) -> None:
    canary = Consumer(service.place, "c-1", lambda: SECRET)
    assert canary.ask(Request("/v1/entries", {"amount": "0.01"}, "k-1")).status == 201
    assert canary.ask(Request("/v1/daily-balances?from=a&to=b")).body == {
        "path": "/api/v1/daily-balances?from=a&to=b"
    }
    method, path, headers, text = service.asked[1]
    assert (method, path, json.loads(text)) == ("POST", "/api/v1/entries", {"amount": "0.01"})
    assert (headers["Idempotency-Key"], headers["Content-Type"]) == ("k-1", "application/json")


def test_a_refused_token_ends_the_journey(service: Service) -> None:
    service.refusal = 400
    with pytest.raises(Lost, match="answered 400") as caught:
        Consumer(service.place, "c-1", lambda: SECRET).ask(Request("/v1/entries"))
    assert caught.value.step == "token"
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("says", ["<html>", "[]", "null", '"text"'])
def test_an_answer_that_is_no_object_is_an_empty_one(service: Service, says: str) -> None:
    canary = Consumer(service.place, "c-1", lambda: SECRET)
    canary.ask(Request("/v1/entries"))
    service.refusal, service.says = 502, says
    assert canary.ask(Request("/v1/entries")) == Reply(502, {})


def test_nobody_there_ends_the_journey(service: Service) -> None:
    nowhere = Place("http://127.0.0.1:9", service.place.token_url)
    with pytest.raises(Lost, match="no answer from 127") as caught:
        Consumer(nowhere, "c-1", lambda: SECRET).ask(Request("/v1/entries"))
    assert caught.value.step == "reach"


def test_a_silent_service_ends_the_journey(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert consumer.ANSWER_WITHIN_SECONDS == 8.0
    monkeypatch.setattr(consumer, "ANSWER_WITHIN_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = Place(f"http://127.0.0.1:{silent.getsockname()[1]}", service.place.token_url)
        with pytest.raises(Lost, match="TimeoutError"):
            Consumer(place, "c-1", lambda: SECRET).ask(Request("/v1/entries"))
