"""Sign-in as people and machines live it: the deployed pool, with the deployed trigger."""

import http
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from chalicelib.identity.token_verification import InvalidTokenError, verified_claims
from chalicelib.runtime.settings import Settings
from tests.fixtures.user_pool import UserPool, claims_of, scopes_of

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
    with pytest.raises(ClientError, match="unauthorized attribute"):
        user_pool.cognito.update_user_attributes(
            AccessToken=person.by_password()["AccessToken"],
            UserAttributes=[{"Name": "custom:merchant_id", "Value": "rival"}],
        )
    assert claims_of(person.by_password()["AccessToken"])["merchant_id"] == "padaria"


def test_people_may_change_how_they_are_called(user_pool: UserPool) -> None:
    person = user_pool.person("padaria", "viewer")
    user_pool.cognito.update_user_attributes(
        AccessToken=person.by_password()["AccessToken"],
        UserAttributes=[{"Name": "name", "Value": "Vera"}],
    )
    assert claims_of(person.by_password()["IdToken"])["name"] == "Vera"


@pytest.mark.parametrize(
    ("group", "scopes"),
    [
        ("viewer", {READ}),
        ("operator", {READ, WRITE}),
        ("accountant", {READ, WRITE, CLOSE}),
    ],
)
def test_a_group_decides_the_scopes_however_one_signs_in(
    group: str, scopes: set[str], user_pool: UserPool
) -> None:
    person = user_pool.person("padaria", group)
    hosted = person.by_hosted_page(f"openid {READ} {WRITE} {CLOSE}").body["access_token"]
    plain = person.by_password()
    refreshed = person.refreshed(plain["RefreshToken"])
    for token in (hosted, plain["AccessToken"], refreshed["AccessToken"]):
        assert scopes_of(token) == scopes
        assert claims_of(token)["merchant_id"] == "padaria"


def test_who_leaves_a_group_loses_its_scopes_with_the_next_token(user_pool: UserPool) -> None:
    person = user_pool.person("padaria", "viewer", "accountant")
    refresh_token = person.by_password()["RefreshToken"]
    user_pool.cognito.admin_remove_user_from_group(
        UserPoolId=user_pool.outputs["UserPoolId"], Username=person.name, GroupName="accountant"
    )
    assert scopes_of(person.refreshed(refresh_token)["AccessToken"]) == {READ}


def test_who_has_no_group_has_no_scope_even_when_asking(user_pool: UserPool) -> None:
    person = user_pool.person("padaria")
    assert scopes_of(person.by_hosted_page(f"openid {READ} {CLOSE}").body["access_token"]) == set()
    assert scopes_of(person.by_password()["AccessToken"]) == set()


def test_who_has_no_merchant_has_no_claim(user_pool: UserPool) -> None:
    user_pool.assign_machine("padaria")
    assert "merchant_id" not in claims_of(
        user_pool.person(None, "viewer").by_password()["AccessToken"]
    )


def test_a_machine_works_for_the_merchant_that_it_was_assigned(user_pool: UserPool) -> None:
    user_pool.assign_machine("padaria")
    token = user_pool.machine_token().body["access_token"]
    assert (claims_of(token)["merchant_id"], scopes_of(token)) == ("padaria", {READ, WRITE})
    user_pool.assign_machine("rival")
    token = user_pool.machine_token(READ).body["access_token"]
    assert (claims_of(token)["merchant_id"], scopes_of(token)) == ("rival", {READ})


def test_a_machine_is_not_granted_what_its_client_may_not_ask_for(user_pool: UserPool) -> None:
    assert user_pool.machine_token(CLOSE).status == 400


@pytest.fixture
def table_out_of_reach(user_pool: UserPool) -> Iterator[None]:
    functions = user_pool.emulator.client("lambda")
    name = "livro-caixa-laptop-pre_token"
    before = functions.get_function_configuration(FunctionName=name)["Environment"]
    gone = {"Variables": before["Variables"] | {"CLIENTS_TABLE": "gone"}}
    functions.update_function_configuration(FunctionName=name, Environment=gone)
    yield
    functions.update_function_configuration(FunctionName=name, Environment=before)


@pytest.mark.usefixtures("table_out_of_reach")
def test_without_the_table_of_machines_none_gets_a_token(user_pool: UserPool) -> None:
    refused = user_pool.machine_token()
    assert refused.status >= http.HTTPStatus.BAD_REQUEST
    assert "access_token" not in refused.text


def test_a_token_of_the_pool_is_proven_without_a_gateway(user_pool: UserPool) -> None:
    tokens = user_pool.person("padaria", "operator").by_password()
    settings = Settings(user_pool.deployed.variables)
    assert verified_claims(tokens["AccessToken"], settings)["merchant_id"] == "padaria"
    with pytest.raises(InvalidTokenError):
        verified_claims(tokens["IdToken"], settings)
    other = Settings(user_pool.deployed.variables | {"USER_POOL_ID": "us-east-1_OtherPool"})
    with pytest.raises(InvalidTokenError):
        verified_claims(tokens["AccessToken"], other)


def test_the_deployed_pool_is_as_its_template_says(user_pool: UserPool) -> None:
    pool_id = user_pool.outputs["UserPoolId"]
    pool = user_pool.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["UserPoolTier"] == "ESSENTIALS"
    for client in ("PeopleClientId", "MachineClientId"):
        described = user_pool.cognito.describe_user_pool_client(
            UserPoolId=pool_id, ClientId=user_pool.outputs[client]
        )
        assert described["UserPoolClient"]["WriteAttributes"] == ["name"]
