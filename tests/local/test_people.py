"""The demo people: each sees one merchant's book, and their passwords are the owner's alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.people import welcome_people
from local.places import Places

PEOPLE = {
    "viewer": ("viewer", "padaria"),
    "operator": ("operator", "padaria"),
    "accountant": ("accountant", "padaria"),
    "rival": ("accountant", "rival"),
}


@pytest.fixture
def emulator() -> Iterator[Any]:
    """Clients of an AWS emulated in process."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        session = boto3.Session("nobody", "nothing", region_name="us-east-1")
        yield type("Emulator", (), {"client": staticmethod(session.client)})


@pytest.fixture
def outputs(emulator: Any) -> dict[str, str]:
    """An empty user pool with a machine client, and the table of clients."""
    cognito = emulator.client("cognito-idp")
    merchant = {"Name": "merchant_id", "AttributeDataType": "String", "Mutable": True}
    pool = cognito.create_user_pool(PoolName="people", Schema=[merchant])["UserPool"]["Id"]
    for group in ("viewer", "operator", "accountant"):
        cognito.create_group(UserPoolId=pool, GroupName=group)
    machine = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="machine", GenerateSecret=True
    )["UserPoolClient"]
    emulator.client("dynamodb").create_table(
        TableName="clients",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "client_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "client_id", "KeyType": "HASH"}],
    )
    ids = {"UserPoolId": pool, "MachineClientId": machine["ClientId"], "ClientsTable": "clients"}
    return {**ids, "secret": machine["ClientSecret"]}


def test_each_person_has_a_group_and_a_merchant(
    emulator: Any, outputs: dict[str, str], tmp_path: Path
) -> None:
    welcome_people(emulator, outputs, Places(tmp_path))
    cognito, pool = emulator.client("cognito-idp"), outputs["UserPoolId"]
    for name, (group, merchant) in PEOPLE.items():
        user = cognito.admin_get_user(UserPoolId=pool, Username=name)
        attributes = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
        groups = cognito.admin_list_groups_for_user(UserPoolId=pool, Username=name)["Groups"]
        assert attributes["custom:merchant_id"] == merchant
        assert [one["GroupName"] for one in groups] == [group]


def test_passwords_are_readable_by_their_owner_alone(
    emulator: Any, outputs: dict[str, str], tmp_path: Path
) -> None:
    places = Places(tmp_path)
    welcome_people(emulator, outputs, places)
    assert places.passwords.stat().st_mode & 0o777 == 0o600
    passwords = json.loads(places.passwords.read_text())
    assert passwords["machine"] == outputs["secret"]
    assert passwords.keys() == {*PEOPLE, "machine"}
    assert len({*passwords.values()}) == 5
    welcome_people(emulator, outputs, places)
    assert json.loads(places.passwords.read_text()) == passwords
