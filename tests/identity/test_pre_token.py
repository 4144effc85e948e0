"""The merchant and the scopes that the trigger adds to a token."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.identity import pre_token
from chalicelib.runtime import clients, wiring

READ, WRITE, CLOSE = "livro-caixa/read", "livro-caixa/write", "livro-caixa/close"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1", "CLIENTS_TABLE": "clients",
}  # fmt: skip
SELF_SERVICE = "aws.cognito.signin.user.admin"
PEOPLE = [
    "HostedAuth", "Authentication", "NewPasswordChallenge", "AuthenticateDevice", "RefreshTokens"
]  # fmt: skip


def event(
    source: str = "TokenGeneration_Authentication",
    merchant: str | None = "padaria",
    groups: list[str] | None = None,
    scopes: list[str] | None = None,
    client_id: str = "the-client",
) -> dict[str, Any]:
    attributes = {"sub": "a-subject"} | ({"custom:merchant_id": merchant} if merchant else {})
    configuration = {"groupsToOverride": groups or []}
    return {
        "version": "3", "triggerSource": source, "region": "us-east-1",
        "userPoolId": "us-east-1_pool", "userName": "somebody",
        "callerContext": {"awsSdkVersion": "x", "clientId": client_id},
        "request": {"userAttributes": attributes, "groupConfiguration": configuration,
                    "scopes": scopes},
        "response": {"claimsAndScopeOverrideDetails": None},
    }  # fmt: skip


def claims_and_scopes(request: dict[str, Any], of_client: str | None = None) -> dict[str, Any]:
    answer = pre_token.with_claims(request, lambda _: of_client)
    details: dict[str, Any] = answer["response"]["claimsAndScopeOverrideDetails"]
    assert list(details) == ["accessTokenGeneration"]
    return dict(details["accessTokenGeneration"])


def scopes_of_token(request: dict[str, Any]) -> set[str]:
    changes = claims_and_scopes(request)
    requested = set(request["request"]["scopes"] or [])
    return (requested - set(changes["scopesToSuppress"])) | set(changes["scopesToAdd"])


@pytest.mark.parametrize("source", PEOPLE)
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
def test_people_get_their_groups_scopes(source: str, groups: list[str], scopes: set[str]) -> None:
    assert scopes_of_token(event(f"TokenGeneration_{source}", groups=groups)) == scopes


@pytest.mark.parametrize("groups", [[], ["viewer"], ["operator"], ["accountant"]])
def test_requested_scopes_add_nothing(groups: list[str]) -> None:
    all_scopes = ["openid", SELF_SERVICE, READ, WRITE, CLOSE, "livro-caixa/everything"]
    request = event("TokenGeneration_HostedAuth", groups=groups, scopes=all_scopes)
    of_group = scopes_of_token(event(groups=groups))
    assert scopes_of_token(request) == {"openid", SELF_SERVICE} | of_group


@pytest.mark.parametrize("source", [*PEOPLE, "Tomorrow"])
@pytest.mark.parametrize("merchant", ["padaria", "", None])
def test_persons_merchant_is_an_attribute(source: str, merchant: str | None) -> None:
    request = event(f"TokenGeneration_{source}", merchant=merchant)
    claims = claims_and_scopes(request, of_client="rival").get("claimsToAddOrOverride")
    assert claims == ({"merchant_id": "padaria"} if merchant else None)


@pytest.mark.parametrize("merchant", ["padaria", None])
def test_machines_merchant_is_its_clients(merchant: str | None) -> None:
    source = "TokenGeneration_ClientCredentials"
    request = event(source, merchant="rival", groups=["accountant"], scopes=[READ])
    expected = {"claimsToAddOrOverride": {"merchant_id": merchant}} if merchant else {}
    assert claims_and_scopes(request, merchant) == expected


@pytest.mark.parametrize("absent", ["userAttributes", "groupConfiguration", "scopes"])
def test_absent_parts_count_as_empty(absent: str) -> None:
    null, missing = event(groups=["viewer"]), event(groups=["viewer"])
    null["request"][absent] = None
    del missing["request"][absent]
    assert claims_and_scopes(null) == claims_and_scopes(missing)


def test_rest_of_the_event_is_unchanged() -> None:
    request = event(groups=["viewer"])
    before = {name: part for name, part in request.items() if name != "response"}
    answer = pre_token.with_claims(request, lambda _: None)
    assert {name: part for name, part in answer.items() if name != "response"} == before


@pytest.fixture
def clients_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, text in ENVIRONMENT.items():
        monkeypatch.setenv(name, text)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    wiring.reset()
    with mock_aws():
        yield "clients"
    wiring.reset()


def create(table: str, **item: Any) -> None:
    """Create the table with the client `till`."""
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "client_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "client_id", "KeyType": "HASH"}],
    )
    dynamodb.put_item(TableName=table, Item={"client_id": {"S": "till"}, **item})


def test_merchant_is_read_consistently(clients_table: str) -> None:
    create(clients_table, merchant_id={"S": "padaria"})
    reads: list[dict[str, Any]] = []
    clients.aws("dynamodb").meta.events.register(
        "provide-client-params.dynamodb.GetItem", lambda params, **_: reads.append(params)
    )
    answer = pre_token.add_claims(event("TokenGeneration_ClientCredentials", client_id="till"))
    assert [read["ConsistentRead"] for read in reads] == [True]
    details = answer["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]
    assert details == {"claimsToAddOrOverride": {"merchant_id": "padaria"}}


@pytest.mark.parametrize("item", [{}, {"merchant_id": {"N": "7"}}, {"merchant_id": {"S": ""}}])
def test_client_without_valid_merchant_has_none(clients_table: str, item: dict[str, Any]) -> None:
    create(clients_table, **item)
    assert not pre_token.merchant_of_machine("till")
    assert not pre_token.merchant_of_machine("another")


def test_unreachable_table_issues_no_machine_token(clients_table: str) -> None:
    person = pre_token.add_claims(event(groups=["viewer"]))
    assert person["response"]["claimsAndScopeOverrideDetails"]
    with pytest.raises(pre_token.MerchantLookupError, match=r"cannot be looked up now; try again"):
        pre_token.add_claims(event("TokenGeneration_ClientCredentials"))


def test_sign_in_writes_no_log(clients_table: str, capfd: pytest.CaptureFixture[str]) -> None:
    create(clients_table)
    pre_token.add_claims(event("TokenGeneration_ClientCredentials"))
    pre_token.add_claims(event(groups=["viewer"]))
    assert capfd.readouterr() == ("", "")
