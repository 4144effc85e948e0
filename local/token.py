"""Access tokens of the demo users, always fresh ones: they expire after an hour."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

from local.endpoints import Endpoints, read_endpoints
from local.http_client import Answer, call
from local.paths import Places


class TokenRequestError(Exception):
    """The user pool gave no token; the message says why."""


def access_token(places: Places, user: str) -> str:
    """Sign a demo user in, or the `machine` client, and answer the access token.

    Raises NotRunningError without a running cloud and TokenRequestError for a user that is not there.
    """
    endpoints = read_endpoints(places)
    if user not in [*endpoints["users"], "machine"]:
        known = ", ".join([*endpoints["users"], "machine"])
        raise TokenRequestError(f"There is no demo user {user!r}; there are {known}.")
    secret = json.loads(places.passwords.read_text())[user]
    if user == "machine":
        return _for_machine(endpoints, secret)
    return _for_person(endpoints, user, secret)


def _for_person(endpoints: Endpoints, user: str, password: str) -> str:
    request = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": endpoints["people_client_id"],
        "AuthParameters": {"USERNAME": user, "PASSWORD": password},
    }
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
    }
    answer = call("POST", endpoints["aws_endpoint_url"] + "/", headers, json.dumps(request))
    token: str = _given(answer)["AuthenticationResult"]["AccessToken"]
    return token


def _for_machine(endpoints: Endpoints, secret: str) -> str:
    pair = f"{endpoints['machine_client_id']}:{secret}".encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"Basic {base64.b64encode(pair).decode()}",
    }
    request = urlencode({"grant_type": "client_credentials"})
    token: str = _given(call("POST", endpoints["token_url"], headers, request))["access_token"]
    return token


def _given(answer: Answer) -> Any:
    if answer.status != 200:
        raise TokenRequestError(f"The user pool refused ({answer.status}): {answer.text}")
    return answer.body
