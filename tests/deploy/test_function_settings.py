"""Settings of functions that Chalice does not have, where AWS already holds other ones."""

import io
import json
import zipfile
from typing import Any

import pytest

from deploy.function_settings import (
    StreamMissingError,
    allow_cognito_invoke,
    configure_stream_mapping,
    enable_ipv6,
    store_canary_endpoint,
    store_canary_secret,
)
from infrastructure.canary import remove_secret

POOL = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:quarantine"


@pytest.fixture
def function(aws: Any) -> str:
    """The name of a function without permissions, stream or network."""
    trust = {"Version": "2012-10-17", "Statement": []}
    role = aws("iam").create_role(RoleName="one", AssumeRolePolicyDocument=json.dumps(trust))
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "")
    aws("lambda").create_function(
        FunctionName="one",
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="app.app",
        Code={"ZipFile": code.getvalue()},
    )
    return "one"


def test_new_pool_replaces_the_old_one(aws: Any, function: str) -> None:
    lambdas = aws("lambda")
    assert allow_cognito_invoke(lambdas, function, f"{POOL}Old")
    assert allow_cognito_invoke(lambdas, function, f"{POOL}Old") == []
    assert allow_cognito_invoke(lambdas, function, f"{POOL}New")
    (statement,) = json.loads(lambdas.get_policy(FunctionName=function)["Policy"])["Statement"]
    assert statement["Condition"]["ArnLike"]["AWS:SourceArn"] == f"{POOL}New"
    assert statement["Principal"] == {"Service": "cognito-idp.amazonaws.com"}


def test_missing_stream_mapping_is_an_error(aws: Any, function: str) -> None:
    with pytest.raises(StreamMissingError, match="one has no stream mapping"):
        configure_stream_mapping(aws("lambda"), function, QUEUE)


class ChangingMapping:
    """A mapping whose change never ends."""

    def list_event_source_mappings(self, **_: str) -> dict[str, Any]:
        stream = {"UUID": "m-1", "EventSourceArn": "arn:aws:dynamodb:::table/entries/stream/1"}
        return {"EventSourceMappings": [stream]}

    def get_event_source_mapping(self, UUID: str) -> dict[str, str]:  # noqa: N803
        return {"State": "Updating"}


def test_endless_change_of_a_mapping_is_an_error() -> None:
    waited: list[float] = []
    with pytest.raises(StreamMissingError, match="one is still Updating after 15 minutes"):
        configure_stream_mapping(ChangingMapping(), "one", QUEUE, waited.append)
    assert sum(waited) == 900


def test_functions_outside_the_network_are_unchanged(aws: Any, function: str) -> None:
    assert enable_ipv6(aws("lambda"), [function], wanted=True) == []


class Clients:
    """A user pool's machine clients, whose secrets are their ids backwards."""

    def describe_user_pool_client(self, UserPoolId: str, ClientId: str) -> dict[str, Any]:  # noqa: N803
        assert UserPoolId == "pool"
        return {"UserPoolClient": {"ClientSecret": ClientId[::-1]}}


def test_canary_secret_is_encrypted_and_follows_its_client(aws: Any) -> None:
    ssm = aws("ssm")
    changes = [
        store_canary_secret(ssm, Clients(), {"UserPoolId": "pool", "CanaryClientId": name}, "one")
        for name in ("abc", "abc", "xyz")
    ]
    assert changes == [["canary: its secret is stored"], [], ["canary: its secret is stored"]]
    (parameter,) = ssm.describe_parameters()["Parameters"]
    assert (parameter["Name"], parameter["Type"]) == ("/livro-caixa/one/canary", "SecureString")
    stored = ssm.get_parameter(Name=parameter["Name"], WithDecryption=True)["Parameter"]["Value"]
    assert stored == "zyx"
    assert [remove_secret(ssm, "one"), remove_secret(ssm, "one")] == [True, False]


def test_canary_endpoint_is_stored_when_it_changes(aws: Any) -> None:
    table = aws("dynamodb")
    table.create_table(
        TableName="clients",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "client_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "client_id", "KeyType": "HASH"}],
    )
    outputs = {"SignInUrl": "https://in", "CanaryClientId": "c-1", "ClientsTable": "clients"}
    changes = [
        store_canary_endpoint(table, outputs, f"https://api/{name}") for name in ("a", "a", "b")
    ]
    assert changes == [["canary: calls https://api/a"], [], ["canary: calls https://api/b"]]
    (item,) = table.scan(TableName="clients")["Items"]
    assert item["token_url"] == {"S": "https://in/oauth2/token"}
    assert item["merchant_id"] == {"S": "livro-caixa-canary"}
