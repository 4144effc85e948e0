"""The demo merchants' people and their machine client, made in the user pool at each start."""

import json
import os
import secrets
import string
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.emulator import Emulator
from local.paths import Places

MERCHANT = "padaria"


@dataclass(frozen=True)
class Person:
    """A demo user: their name, their group, and the merchant whose book they see."""

    name: str
    group: str
    merchant: str


PEOPLE = (
    Person("viewer", "viewer", MERCHANT),
    Person("operator", "operator", MERCHANT),
    Person("accountant", "accountant", MERCHANT),
    Person("rival", "accountant", "rival"),
)


def welcome_people(emulator: Emulator, outputs: dict[str, str], places: Places) -> None:
    """Make every demo user and the machine client's merchant; keep their secrets in one file.

    Passwords are random, once for each installation; the file is readable by its owner alone.
    """
    pool = outputs["UserPoolId"]
    cognito = emulator.client("cognito-idp")
    passwords = _passwords(places)
    for person in PEOPLE:
        _welcome(cognito, pool, person, passwords[person.name])
    emulator.client("dynamodb").put_item(
        TableName=outputs["ClientsTable"],
        Item={
            "client_id": {"S": outputs["MachineClientId"]},
            "merchant_id": {"S": MERCHANT},
        },
    )
    passwords["machine"] = _machine_secret(cognito, pool, outputs["MachineClientId"])
    _keep(places, passwords)


def _passwords(places: Places) -> dict[str, str]:
    kept = json.loads(places.passwords.read_text()) if places.passwords.exists() else {}
    return {person.name: kept.get(person.name) or _new_password() for person in PEOPLE}


def _new_password() -> str:
    letters = string.ascii_letters + string.digits
    return "Aa1-" + "".join(secrets.choice(letters) for _ in range(24))


def _keep(places: Places, passwords: dict[str, str]) -> None:
    descriptor = os.open(places.passwords, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(passwords, file, indent=2)


def _welcome(cognito: Any, pool: str, person: Person, password: str) -> None:
    who = {"UserPoolId": pool, "Username": person.name}
    merchant = {"Name": "custom:merchant_id", "Value": person.merchant}
    try:
        cognito.admin_create_user(**who, UserAttributes=[merchant], MessageAction="SUPPRESS")
    except ClientError as refusal:
        if refusal.response["Error"]["Code"] != "UsernameExistsException":
            raise
        cognito.admin_update_user_attributes(**who, UserAttributes=[merchant])
    cognito.admin_set_user_password(**who, Password=password, Permanent=True)
    cognito.admin_add_user_to_group(**who, GroupName=person.group)


def _machine_secret(cognito: Any, pool: str, client_id: str) -> str:
    described = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client_id)
    secret: str = described["UserPoolClient"]["ClientSecret"]
    return secret
