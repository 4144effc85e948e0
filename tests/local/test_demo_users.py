"""The demo users: each has one merchant's book and a secret password, and gets access tokens."""

import json
from pathlib import Path

import pytest

from local import demo_users
from local.demo_users import TokenRequestError, access_token, create_demo_users
from local.paths import Paths
from tests.fixtures.user_pool import UserPool, claims_of, scopes_of

READ, WRITE, CLOSE = "livro-caixa/read", "livro-caixa/write", "livro-caixa/close"


@pytest.fixture
def paths(user_pool: UserPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """The folder of a cloud whose pool has the demo users."""
    endpoints = {
        "users": [user.name for user in demo_users.DEMO_USERS],
        "people_client_id": user_pool.outputs["PeopleClientId"],
        "machine_client_id": user_pool.outputs["MachineClientId"],
        "aws_endpoint_url": user_pool.emulator.endpoint,
        "token_url": f"{user_pool.emulator.endpoint}/oauth2/token",
    }
    monkeypatch.setattr(demo_users, "read_endpoints", lambda _: endpoints)
    create_demo_users(user_pool.emulator, user_pool.outputs, Paths(tmp_path))
    return Paths(tmp_path)


@pytest.mark.parametrize(
    ("user", "merchant", "scopes"),
    [
        ("viewer", "padaria", {READ}),
        ("operator", "padaria", {READ, WRITE}),
        ("accountant", "padaria", {READ, WRITE, CLOSE}),
        ("rival", "rival", {READ, WRITE, CLOSE}),
        ("machine", "padaria", {READ, WRITE}),
    ],
)
def test_user_has_merchant_and_scopes(
    paths: Paths, user: str, merchant: str, scopes: set[str]
) -> None:
    token = access_token(paths, user)
    claims = claims_of(token)
    assert (claims["merchant_id"], scopes_of(token)) == (merchant, scopes)
    assert claims.get("username", "machine") == user


def test_passwords_are_random_and_private(paths: Paths) -> None:
    assert paths.passwords.stat().st_mode & 0o777 == 0o600
    stored = json.loads(paths.passwords.read_text())
    assert len(set(stored.values())) == len(stored) == 5
    assert {len(stored[user]) for user in ("viewer", "operator", "accountant", "rival")} == {28}


def test_passwords_stay_at_next_start(paths: Paths, user_pool: UserPool) -> None:
    before = paths.passwords.read_text()
    create_demo_users(user_pool.emulator, user_pool.outputs, paths)
    assert paths.passwords.read_text() == before


def test_unknown_user_gets_no_token(paths: Paths) -> None:
    with pytest.raises(TokenRequestError, match=r"choose from viewer, .*, machine"):
        access_token(paths, "boss")


def test_error_quotes_the_user_pool(paths: Paths) -> None:
    paths.passwords.write_text('{"viewer": "wrong"}')
    with pytest.raises(TokenRequestError, match=r"no token \(400\): .*NotAuthorizedException"):
        access_token(paths, "viewer")
