"""The demo people: each sees one merchant's book, and their passwords are the owner's alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.demo_users import welcome_people
from local.paths import Places

OUTPUTS = {"UserPoolId": "pool", "MachineClientId": "machine-id", "ClientsTable": "clients"}


class AwsInMemory:
    """An emulator's user pool and table of clients, as far as people need them."""

    def __init__(self) -> None:
        self.merchants: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self.passwords: dict[str, str] = {}
        self.machines: dict[str, str] = {}

    def client(self, _service: str) -> "AwsInMemory":
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
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


@pytest.fixture
def aws(places: Places) -> AwsInMemory:
    """A user pool after everybody was welcomed."""
    pool: Any = AwsInMemory()
    welcome_people(pool, OUTPUTS, places)
    made: AwsInMemory = pool
    return made


def test_each_person_has_a_group_and_a_merchant(aws: AwsInMemory) -> None:
    assert aws.merchants == {
        "viewer": "padaria", "operator": "padaria", "accountant": "padaria", "rival": "rival",
    }  # fmt: skip
    assert aws.groups == {
        "viewer": "viewer", "operator": "operator", "accountant": "accountant",
        "rival": "accountant",
    }  # fmt: skip
    assert aws.machines == {"machine-id": "padaria"}


def test_passwords_are_random_and_their_owners_alone(aws: AwsInMemory, places: Places) -> None:
    assert places.passwords.stat().st_mode & 0o777 == 0o600
    kept = json.loads(places.passwords.read_text())
    assert kept == {**aws.passwords, "machine": "of the machine"}
    assert len({*kept.values()}) == 5
    assert all(len(password) == 28 for password in aws.passwords.values())


def test_passwords_stay_when_everybody_is_welcomed_again(aws: AwsInMemory, places: Places) -> None:
    before = dict(aws.passwords)
    welcome_people(aws, OUTPUTS, places)  # type: ignore[arg-type]
    assert aws.passwords == before
