"""Tokens of the demo users: each is asked for with the user's own name and password."""

import json
from pathlib import Path
from typing import Any

import pytest

from local import token
from local.http_client import Answer
from local.paths import Places
from local.token import TokenRequestError, access_token

ENDPOINTS = {
    "users": ["viewer", "rival"],
    "people_client_id": "people",
    "machine_client_id": "machine-id",
    "aws_endpoint_url": "http://127.0.0.1:4566",
    "token_url": "http://127.0.0.1:4566/oauth2/token",
}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A running cloud of two users and a machine client."""
    monkeypatch.setattr(token, "read_endpoints", lambda _: ENDPOINTS)
    secrets = {"viewer": "of viewer", "rival": "of rival", "machine": "of machine"}
    Places(tmp_path).passwords.write_text(json.dumps(secrets))
    return Places(tmp_path)


@pytest.mark.parametrize("user", ["viewer", "rival"])
def test_a_person_signs_in_by_their_own_password(
    places: Places, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    request: list[dict[str, Any]] = []

    def call(method: str, url: str, headers: dict[str, str], text: str) -> Answer:
        request.append(json.loads(text))
        return Answer(200, {}, json.dumps({"AuthenticationResult": {"AccessToken": "a token"}}))

    monkeypatch.setattr(token, "call", call)
    assert access_token(places, user) == "a token"
    assert request[0]["ClientId"] == "people"
    assert request[0]["AuthParameters"] == {"USERNAME": user, "PASSWORD": f"of {user}"}


def test_the_machine_client_signs_in_by_its_secret(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    request: list[tuple[str, str, str]] = []

    def call(method: str, url: str, headers: dict[str, str], text: str) -> Answer:
        request.append((url, headers["Authorization"], text))
        return Answer(200, {}, json.dumps({"access_token": "a token"}))

    monkeypatch.setattr(token, "call", call)
    assert access_token(places, "machine") == "a token"
    pair = "Basic bWFjaGluZS1pZDpvZiBtYWNoaW5l"  # machine-id:of machine
    assert request == [(ENDPOINTS["token_url"], pair, "grant_type=client_credentials")]


def test_a_user_who_is_not_there_gets_no_token(places: Places) -> None:
    with pytest.raises(TokenRequestError, match="there are viewer, rival, machine"):
        access_token(places, "boss")


def test_a_refusal_of_the_pool_is_passed_on(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token, "call", lambda *_: Answer(400, {}, "wrong"))
    with pytest.raises(TokenRequestError, match=r"refused \(400\): wrong"):
        access_token(places, "viewer")
