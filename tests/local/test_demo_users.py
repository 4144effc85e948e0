"""The demo users: each has one merchant's book and a secret password, and gets access tokens."""

import json
from pathlib import Path
from typing import Any

import pytest

from local import demo_users
from local.demo_users import TokenRequestError, access_token, create_demo_users
from local.http_client import Response
from local.paths import Paths

OUTPUTS = {"UserPoolId": "pool", "MachineClientId": "machine-id", "ClientsTable": "clients"}
ENDPOINTS = {
    "users": ["viewer", "rival"],
    "people_client_id": "people",
    "machine_client_id": "machine-id",
    "aws_endpoint_url": "http://127.0.0.1:4566",
    "token_url": "http://127.0.0.1:4566/oauth2/token",
}


class FakeAws:
    """The user pool and the clients' table of an emulator, as far as demo users need them."""

    def __init__(self) -> None:
        self.merchants: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self.passwords: dict[str, str] = {}
        self.machines: dict[str, str] = {}

    def client(self, _service: str) -> "FakeAws":
        return self

    def admin_create_user(self, *, Username: str, UserAttributes: Any, **_: Any) -> None:  # noqa: N803
        (attribute,) = UserAttributes
        assert attribute["Name"] == "custom:merchant_id"
        self.merchants[Username] = attribute["Value"]

    def admin_set_user_password(self, *, Username: str, Password: str, **_: Any) -> None:  # noqa: N803
        self.passwords[Username] = Password

    def admin_add_user_to_group(self, *, Username: str, GroupName: str, **_: Any) -> None:  # noqa: N803
        self.groups[Username] = GroupName

    def put_item(self, *, TableName: str, Item: Any) -> None:  # noqa: N803
        assert TableName == "clients"
        self.machines[Item["client_id"]["S"]] = Item["merchant_id"]["S"]

    def describe_user_pool_client(self, **_: Any) -> Any:
        return {"UserPoolClient": {"ClientSecret": "of the machine"}}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path)


@pytest.fixture
def aws(paths: Paths) -> FakeAws:
    """A user pool with the demo users."""
    pool: Any = FakeAws()
    create_demo_users(pool, OUTPUTS, paths)
    return pool  # type: ignore[no-any-return]


def test_each_user_has_group_and_merchant(aws: FakeAws) -> None:
    assert aws.merchants == {
        "viewer": "padaria", "operator": "padaria", "accountant": "padaria", "rival": "rival",
    }  # fmt: skip
    assert aws.groups == {
        "viewer": "viewer", "operator": "operator", "accountant": "accountant",
        "rival": "accountant",
    }  # fmt: skip
    assert aws.machines == {"machine-id": "padaria"}


def test_passwords_are_random_and_private(aws: FakeAws, paths: Paths) -> None:
    assert paths.passwords.stat().st_mode & 0o777 == 0o600
    stored = json.loads(paths.passwords.read_text())
    assert stored == {**aws.passwords, "machine": "of the machine"}
    assert len({*stored.values()}) == 5
    assert all(len(password) == 28 for password in aws.passwords.values())


def test_passwords_stay_at_next_start(aws: FakeAws, paths: Paths) -> None:
    before = dict(aws.passwords)
    create_demo_users(aws, OUTPUTS, paths)  # type: ignore[arg-type]
    assert aws.passwords == before


class FakeUserPool:
    """Keeps the requests for tokens, and answers each with the given response."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.requests: list[tuple[str, dict[str, str], str]] = []

    def call(self, _method: str, url: str, headers: dict[str, str], text: str) -> Response:
        self.requests.append((url, headers, text))
        return self.response


@pytest.fixture
def running(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A running cloud with two users and a machine client."""
    monkeypatch.setattr(demo_users, "read_endpoints", lambda _: ENDPOINTS)
    secrets = {"viewer": "of viewer", "rival": "of rival", "machine": "of machine"}
    paths.passwords.write_text(json.dumps(secrets))
    return paths


@pytest.mark.parametrize("user", ["viewer", "rival"])
def test_user_signs_in_with_own_password(
    running: Paths, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    body = json.dumps({"AuthenticationResult": {"AccessToken": "a token"}})
    pool = FakeUserPool(Response(200, {}, body))
    monkeypatch.setattr(demo_users, "call", pool.call)
    assert access_token(running, user) == "a token"
    ((url, _, text),) = pool.requests
    assert url == "http://127.0.0.1:4566/"
    request = json.loads(text)
    assert request["ClientId"] == "people"
    assert request["AuthParameters"] == {"USERNAME": user, "PASSWORD": f"of {user}"}


def test_machine_client_signs_in_with_secret(
    running: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = FakeUserPool(Response(200, {}, json.dumps({"access_token": "a token"})))
    monkeypatch.setattr(demo_users, "call", pool.call)
    assert access_token(running, "machine") == "a token"
    ((url, headers, text),) = pool.requests
    assert url == "http://127.0.0.1:4566/oauth2/token"
    assert headers["Authorization"] == "Basic bWFjaGluZS1pZDpvZiBtYWNoaW5l"  # machine-id:of machine
    assert text == "grant_type=client_credentials"


def test_unknown_user_gets_no_token(running: Paths) -> None:
    with pytest.raises(TokenRequestError, match="choose from viewer, rival, machine"):
        access_token(running, "boss")


def test_error_quotes_the_user_pool(running: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_users, "call", FakeUserPool(Response(400, {}, "wrong")).call)
    with pytest.raises(TokenRequestError, match=r"no token \(400\): wrong"):
        access_token(running, "viewer")
