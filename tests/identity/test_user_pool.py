"""Sign-in of people and machines with the deployed pool and the deployed trigger."""

import http
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.identity.token_verification import InvalidTokenError, verified_claims
from chalicelib.runtime.settings import Settings
from local.http_client import Response
from tests.fixtures.user_pool import UserPool, claims_of, scopes_of
from verification.kit.api_client import ApiClient, over_http

READ, WRITE, CLOSE = "livro-caixa/read", "livro-caixa/write", "livro-caixa/close"


def test_nobody_can_sign_up(user_pool: UserPool) -> None:
    with pytest.raises(ClientError, match="SignUp is not permitted"):
        user_pool.cognito.sign_up(
            ClientId=user_pool.outputs["PeopleClientId"],
            Username="stranger",
            Password="Long-enough-1-password",
            UserAttributes=[{"Name": "custom:merchant_id", "Value": "padaria"}],
        )


def test_nobody_can_move_to_another_merchant(user_pool: UserPool) -> None:
    person = user_pool.person("padaria", "accountant")

    def change(attribute: str, value: str) -> None:
        user_pool.cognito.update_user_attributes(
            AccessToken=person.by_password()["AccessToken"],
            UserAttributes=[{"Name": attribute, "Value": value}],
        )

    change("name", "Vera")
    with pytest.raises(ClientError, match="unauthorized attribute"):
        change("custom:merchant_id", "rival")
    assert claims_of(person.by_password()["AccessToken"])["merchant_id"] == "padaria"


@pytest.mark.parametrize(
    ("groups", "scopes"),
    [
        *(([], set()), (["viewer"], {READ}), (["operator"], {READ, WRITE})),
        (["accountant"], {READ, WRITE, CLOSE}),
    ],
)
def test_group_decides_scopes_of_every_sign_in(
    groups: list[str], scopes: set[str], user_pool: UserPool
) -> None:
    person = user_pool.person("padaria", *groups)
    hosted = person.by_hosted_page(f"openid {READ} {WRITE} {CLOSE}").body
    again = person.refreshed_by_hosted_page(hosted["refresh_token"]).body
    plain = person.by_password()
    refreshed = person.refreshed(plain["RefreshToken"])
    for token in (
        *(hosted["access_token"], again["access_token"]),
        *(plain["AccessToken"], refreshed["AccessToken"]),
    ):
        assert scopes_of(token) == scopes
        assert claims_of(token)["merchant_id"] == "padaria"


def test_leaving_a_group_removes_its_scopes(user_pool: UserPool) -> None:
    person = user_pool.person("padaria", "viewer", "accountant")
    refresh_token = person.by_password()["RefreshToken"]
    hosted = person.by_hosted_page(f"{READ} {CLOSE}").body["refresh_token"]
    user_pool.cognito.admin_remove_user_from_group(
        UserPoolId=user_pool.outputs["UserPoolId"], Username=person.name, GroupName="accountant"
    )
    assert scopes_of(person.refreshed(refresh_token)["AccessToken"]) == {READ}
    refreshed = person.refreshed_by_hosted_page(hosted)
    assert scopes_of(refreshed.body["access_token"]) == {READ}


def test_no_merchant_means_no_claim(user_pool: UserPool) -> None:
    user_pool.assign_machine("padaria")
    token = user_pool.person(None, "viewer").by_password()["AccessToken"]
    assert "merchant_id" not in claims_of(token)


def test_machine_has_its_assigned_merchant(user_pool: UserPool) -> None:
    user_pool.assign_machine("padaria")
    token = user_pool.machine_token().body["access_token"]
    assert (claims_of(token)["merchant_id"], scopes_of(token)) == ("padaria", {READ, WRITE})
    user_pool.assign_machine("rival")
    token = user_pool.machine_token(READ).body["access_token"]
    assert (claims_of(token)["merchant_id"], scopes_of(token)) == ("rival", {READ})
    assert user_pool.machine_token(CLOSE).status == 400


@contextmanager
def trigger_changed(user_pool: UserPool, **changes: Any) -> Iterator[None]:
    """Change settings of the token trigger, and restore them."""
    functions = user_pool.emulator.client("lambda")
    name = {"FunctionName": "livro-caixa-laptop-pre_token"}
    before = functions.get_function_configuration(**name)
    functions.update_function_configuration(**name, **changes)
    try:
        yield
    finally:
        restored = {setting: before[setting] for setting in changes}
        functions.update_function_configuration(**name, **restored)


def test_unreachable_table_issues_no_machine_token(user_pool: UserPool) -> None:
    variables = user_pool.deployed.variables | {"CLIENTS_TABLE": "gone"}
    with trigger_changed(user_pool, Environment={"Variables": variables}):
        assert_no_token(user_pool.machine_token())


def test_failing_trigger_refreshes_no_token(user_pool: UserPool) -> None:
    person = user_pool.person("padaria", "viewer")
    refresh_token = person.by_hosted_page(READ).body["refresh_token"]
    with trigger_changed(user_pool, Handler="app.gone"):
        assert_no_token(person.refreshed_by_hosted_page(refresh_token))
    assert scopes_of(person.refreshed_by_hosted_page(refresh_token).body["access_token"]) == {READ}


def test_revoked_token_is_not_refreshed(user_pool: UserPool) -> None:
    person = user_pool.person("padaria", "viewer")
    refresh_token = person.by_hosted_page(READ).body["refresh_token"]
    user_pool.post("/oauth2/revoke", {"token": refresh_token})
    response = person.refreshed_by_hosted_page(refresh_token)
    assert (response.status, response.body["error"]) == (400, "invalid_grant")


def assert_no_token(response: Response) -> None:
    assert response.status >= http.HTTPStatus.BAD_REQUEST
    assert "access_token" not in response.text


def test_pools_token_is_verified_without_gateway(user_pool: UserPool) -> None:
    tokens = user_pool.person("padaria", "operator").by_password()
    settings = Settings(user_pool.deployed.variables)
    assert verified_claims(tokens["AccessToken"], settings)["merchant_id"] == "padaria"
    with pytest.raises(InvalidTokenError):
        verified_claims(tokens["IdToken"], settings)
    client = ApiClient(over_http(user_pool.deployed.base_url), tokens["IdToken"])
    assert client.get("/v1/entries").is_problem(401)
    other = Settings(user_pool.deployed.variables | {"USER_POOL_ID": "us-east-1_OtherPool"})
    with pytest.raises(InvalidTokenError):
        verified_claims(tokens["AccessToken"], other)


def test_deployed_pool_follows_its_template(user_pool: UserPool) -> None:
    pool_id = user_pool.outputs["UserPoolId"]
    pool = user_pool.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["UserPoolTier"] == "ESSENTIALS"
    for client in ("PeopleClientId", "MachineClientId"):
        response = user_pool.cognito.describe_user_pool_client(
            UserPoolId=pool_id, ClientId=user_pool.outputs[client]
        )
        assert response["UserPoolClient"]["WriteAttributes"] == ["name"]
