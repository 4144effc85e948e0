"""The demo users and the machine client of the laptop cloud, and access tokens for them."""

import base64
import json
import os
import secrets
import string
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from local.emulator import Emulator
from local.http_client import Response, call
from local.paths import Paths
from local.running import Endpoints, read_endpoints

MERCHANT = "padaria"
MACHINE = "machine"


class TokenRequestError(RuntimeError):
    """The user pool issued no token; the message says why."""


@dataclass(frozen=True)
class DemoUser:
    """A demo user: name, group, and the merchant whose book they may use."""

    name: str
    group: str
    merchant: str


DEMO_USERS = (
    DemoUser("viewer", "viewer", MERCHANT),
    DemoUser("operator", "operator", MERCHANT),
    DemoUser("accountant", "accountant", MERCHANT),
    DemoUser("rival", "accountant", "rival"),
)


def create_demo_users(emulator: Emulator, outputs: dict[str, str], paths: Paths) -> None:
    """Create or update the demo users and the machine client's merchant in the user pool.

    Passwords are random and stay the same over restarts; `paths.passwords` holds them, readable
    only by its owner.
    """
    pool = outputs["UserPoolId"]
    cognito = emulator.client("cognito-idp")
    passwords = _passwords(paths)
    for user in DEMO_USERS:
        _create(cognito, pool, user, passwords[user.name])
    client_id = outputs["MachineClientId"]
    emulator.client("dynamodb").put_item(
        TableName=outputs["ClientsTable"],
        Item={"client_id": {"S": client_id}, "merchant_id": {"S": MERCHANT}},
    )
    described = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client_id)
    passwords[MACHINE] = described["UserPoolClient"]["ClientSecret"]
    descriptor = os.open(paths.passwords, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(passwords, file, indent=2)


def access_token(paths: Paths, user: str) -> str:
    """Return a new access token of a demo user or of the `machine` client; it lasts an hour.

    Raises NotRunningError without a running cloud, and TokenRequestError for an unknown user.
    """
    endpoints = read_endpoints(paths)
    known = [*endpoints["users"], MACHINE]
    if user not in known:
        raise TokenRequestError(f"There is no demo user {user!r}; choose from {', '.join(known)}.")
    secret = json.loads(paths.passwords.read_text())[user]
    if user == MACHINE:
        return _machine_token(endpoints, secret)
    return _user_token(endpoints, user, secret)


def _passwords(paths: Paths) -> dict[str, str]:
    stored = json.loads(paths.passwords.read_text()) if paths.passwords.exists() else {}
    return {user.name: stored.get(user.name) or _new_password() for user in DEMO_USERS}


def _new_password() -> str:
    letters = string.ascii_letters + string.digits
    return "Aa1-" + "".join(secrets.choice(letters) for _ in range(24))


def _create(cognito: Any, pool: str, user: DemoUser, password: str) -> None:
    target = {"UserPoolId": pool, "Username": user.name}
    merchant = {"Name": "custom:merchant_id", "Value": user.merchant}
    try:
        cognito.admin_create_user(**target, UserAttributes=[merchant], MessageAction="SUPPRESS")
    except ClientError as error:
        if error.response["Error"]["Code"] != "UsernameExistsException":
            raise
        cognito.admin_update_user_attributes(**target, UserAttributes=[merchant])
    cognito.admin_set_user_password(**target, Password=password, Permanent=True)
    cognito.admin_add_user_to_group(**target, GroupName=user.group)


def _user_token(endpoints: Endpoints, user: str, password: str) -> str:
    request = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": endpoints["people_client_id"],
        "AuthParameters": {"USERNAME": user, "PASSWORD": password},
    }
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
    }
    response = call("POST", endpoints["aws_endpoint_url"] + "/", headers, json.dumps(request))
    token: str = _accepted(response)["AuthenticationResult"]["AccessToken"]
    return token


def _machine_token(endpoints: Endpoints, secret: str) -> str:
    credentials = f"{endpoints['machine_client_id']}:{secret}".encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"Basic {base64.b64encode(credentials).decode()}",
    }
    form = urlencode({"grant_type": "client_credentials"})
    token: str = _accepted(call("POST", endpoints["token_url"], headers, form))["access_token"]
    return token


def _accepted(response: Response) -> Any:
    if response.status != 200:
        raise TokenRequestError(
            f"The user pool issued no token ({response.status}): {response.text}"
        )
    return response.body
