"""The merchant and the scopes that Cognito is told to put into a token."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.identity import pre_token
from chalicelib.runtime import clients, settings

READ, WRITE, CLOSE = "livro-caixa/read", "livro-caixa/write", "livro-caixa/close"
SELF_SERVICE = "aws.cognito.signin.user.admin"
PEOPLE_SOURCES = [
    "TokenGeneration_HostedAuth",
    "TokenGeneration_Authentication",
    "TokenGeneration_NewPasswordChallenge",
    "TokenGeneration_AuthenticateDevice",
    "TokenGeneration_RefreshTokens",
]


def event(
    source: str = "TokenGeneration_Authentication",
    merchant: str | None = "padaria",
    groups: list[str] | None = None,
    scopes: list[str] | None = None,
    client_id: str = "the-client",
) -> dict[str, Any]:
    attributes = {"sub": "a-subject"} | ({"custom:merchant_id": merchant} if merchant else {})
    return {
        "version": "3",
        "triggerSource": source,
        "region": "us-east-1",
        "userPoolId": "us-east-1_pool",
        "userName": "somebody",
        "callerContext": {"awsSdkVersion": "x", "clientId": client_id},
        "request": {
            "userAttributes": attributes,
            "groupConfiguration": {"groupsToOverride": groups or []},
            "scopes": scopes,
        },
        "response": {"claimsAndScopeOverrideDetails": None},
    }


def rights(asked: dict[str, Any], merchant_of_client: str | None = None) -> dict[str, Any]:
    answered = pre_token.with_rights(asked, lambda _: merchant_of_client)
    details: dict[str, Any] = answered["response"]["claimsAndScopeOverrideDetails"]
    assert list(details) == ["accessTokenGeneration"]
    return dict(details["accessTokenGeneration"])


def scopes_of_token(asked: dict[str, Any]) -> set[str]:
    result = rights(asked)
    return (set(asked["request"]["scopes"] or []) - set(result["scopesToSuppress"])) | set(
        result["scopesToAdd"]
    )


@pytest.mark.parametrize("source", PEOPLE_SOURCES)
@pytest.mark.parametrize(
    ("groups", "scopes"),
    [
        (["viewer"], {READ}),
        (["operator"], {READ, WRITE}),
        (["accountant"], {READ, WRITE, CLOSE}),
        (["viewer", "accountant"], {READ, WRITE, CLOSE}),
        (["bakers"], set()),
        (["Accountant"], set()),
        ([], set()),
    ],
)
def test_people_get_the_scopes_of_their_groups(
    source: str, groups: list[str], scopes: set[str]
) -> None:
    assert scopes_of_token(event(source, groups=groups)) == scopes


@pytest.mark.parametrize("groups", [[], ["viewer"], ["operator"], ["accountant"]])
def test_asking_for_more_than_the_group_gives_changes_nothing(groups: list[str]) -> None:
    request = [READ, WRITE, CLOSE, "livro-caixa/everything"]
    greedy = event("TokenGeneration_HostedAuth", groups=groups, scopes=["openid", *request])
    assert scopes_of_token(greedy) == {"openid"} | scopes_of_token(event(groups=groups))


def test_scopes_of_other_services_are_left_alone() -> None:
    assert scopes_of_token(event(scopes=["openid", SELF_SERVICE])) == {"openid", SELF_SERVICE}


def test_a_persons_merchant_is_the_users_attribute() -> None:
    result = rights(event(merchant="padaria"), merchant_of_client="rival")
    assert result["claimsToAddOrOverride"] == {"merchant_id": "padaria"}


@pytest.mark.parametrize("merchant", [None, ""])
def test_a_person_without_merchant_gets_no_claim_not_even_the_clients(merchant: str | None) -> None:
    result = rights(event(merchant=merchant, groups=["viewer"]), merchant_of_client="padaria")
    assert "claimsToAddOrOverride" not in result


def test_a_source_that_nobody_knows_yet_counts_as_a_person() -> None:
    result = rights(event("TokenGeneration_Tomorrow", merchant=None), merchant_of_client="padaria")
    assert result == {"scopesToAdd": [], "scopesToSuppress": []}


def test_a_machine_gets_its_clients_merchant_and_keeps_its_scopes() -> None:
    request = event("TokenGeneration_ClientCredentials", merchant=None, scopes=[READ])
    assert rights(request, "padaria") == {"claimsToAddOrOverride": {"merchant_id": "padaria"}}


def test_a_machine_has_no_merchant_but_its_clients() -> None:
    request = event("TokenGeneration_ClientCredentials", merchant="rival", groups=["accountant"])
    assert rights(request, None) == {}


@pytest.mark.parametrize("absent", ["userAttributes", "groupConfiguration", "scopes"])
def test_parts_that_cognito_leaves_out_count_as_empty(absent: str) -> None:
    request = event(groups=["viewer"])
    request["request"][absent] = None
    left_out = event(groups=["viewer"])
    del left_out["request"][absent]
    assert rights(request) == rights(left_out)


def test_the_rest_of_the_event_goes_back_as_it_came() -> None:
    request = event(groups=["viewer"])
    before = {name: part for name, part in request.items() if name != "response"}
    answered = pre_token.with_rights(request, lambda _: None)
    assert {name: part for name, part in answered.items() if name != "response"} == before


@pytest.fixture
def clients_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("CLIENTS_TABLE", "clients")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    forget_all()
    with mock_aws():
        yield "clients"
    forget_all()


def forget_all() -> None:
    for module in (settings, clients):
        for kept in vars(module).values():
            if hasattr(kept, "cache_clear"):
                kept.cache_clear()


def made(table: str) -> Any:
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "client_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "client_id", "KeyType": "HASH"}],
    )
    return dynamodb


def test_a_machines_merchant_is_looked_up_by_its_client(clients_table: str) -> None:
    made(clients_table).put_item(
        TableName=clients_table,
        Item={"client_id": {"S": "till"}, "merchant_id": {"S": "padaria"}},
    )
    request: list[dict[str, Any]] = []
    clients.aws("dynamodb").meta.events.register(
        "provide-client-params.dynamodb.GetItem", lambda params, **_: request.append(params)
    )
    answered = pre_token.answer(event("TokenGeneration_ClientCredentials", client_id="till"))
    assert [one["ConsistentRead"] for one in request] == [True]
    details = answered["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]
    assert details == {"claimsToAddOrOverride": {"merchant_id": "padaria"}}


@pytest.mark.parametrize("merchant", [{}, {"merchant_id": {"N": "7"}}, {"merchant_id": {"S": ""}}])
def test_a_client_without_a_proper_merchant_has_none(
    clients_table: str, merchant: dict[str, Any]
) -> None:
    made(clients_table).put_item(
        TableName=clients_table, Item={"client_id": {"S": "till"}, **merchant}
    )
    assert not pre_token.merchant_of_machine("till")
    assert not pre_token.merchant_of_machine("another")


def test_no_token_is_made_while_the_table_is_out_of_reach(clients_table: str) -> None:
    with pytest.raises(pre_token.MerchantLookupError, match=r"cannot be looked up now; ask again"):
        pre_token.answer(event("TokenGeneration_ClientCredentials"))


def test_people_sign_in_while_the_table_of_machines_is_out_of_reach(clients_table: str) -> None:
    answered = pre_token.answer(event(groups=["viewer"]))
    assert answered["response"]["claimsAndScopeOverrideDetails"]


def test_nothing_is_written_about_who_signs_in(
    clients_table: str, capfd: pytest.CaptureFixture[str]
) -> None:
    made(clients_table)
    pre_token.answer(event("TokenGeneration_ClientCredentials"))
    pre_token.answer(event(groups=["viewer"]))
    assert capfd.readouterr() == ("", "")
