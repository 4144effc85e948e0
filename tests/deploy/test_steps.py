"""What Chalice cannot say, where AWS already holds something else."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.steps import api_stage, canary, gateway, network, stream, token_trigger
from infrastructure.gateway_responses import RESPONSES
from infrastructure.sizes import LARGE, SMALL

POOL = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_"
LOG = "arn:aws:logs:us-east-1:123456789012:log-group:/livro-caixa/trial/access:*"


@pytest.fixture
def aws() -> Iterator[Any]:
    """Clients of an AWS emulated in process."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        session = boto3.Session("nobody", "nothing", region_name="us-east-1")
        yield session.client


@pytest.fixture
def function(aws: Any) -> str:
    """A function without a right, a stream or a network."""
    trust = {"Version": "2012-10-17", "Statement": []}
    role = aws("iam").create_role(RoleName="one", AssumeRolePolicyDocument=json.dumps(trust))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "")
    aws("lambda").create_function(
        FunctionName="one",
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="app.app",
        Code={"ZipFile": packed.getvalue()},
    )
    return "one"


@pytest.fixture
def api(aws: Any) -> str:
    """An API with a route of each kind, deployed as stage `api`."""
    client = aws("apigateway")
    made: str = client.create_rest_api(name="livro-caixa")["id"]
    root = client.get_resources(restApiId=made)["items"][0]["id"]
    version = _resource(client, made, root, "v1")
    for parent, path, method, authorizer in (
        (version, "closings", "POST", "COGNITO_USER_POOLS"),
        (root, "entries", "POST", "COGNITO_USER_POOLS"),
        (root, "entries", "GET", "COGNITO_USER_POOLS"),
        (root, "balances", "POST", "NONE"),
    ):
        resource = _resource(client, made, parent, path)
        client.put_method(
            restApiId=made, resourceId=resource, httpMethod=method, authorizationType=authorizer
        )
        client.put_integration(restApiId=made, resourceId=resource, httpMethod=method, type="MOCK")
    client.create_deployment(restApiId=made, stageName="api")
    return made


def _resource(client: Any, api: str, root: str, part: str) -> str:
    for item in client.get_resources(restApiId=api)["items"]:
        if item.get("pathPart") == part:
            return str(item["id"])
    return str(client.create_resource(restApiId=api, parentId=root, pathPart=part)["id"])


def test_a_new_pool_takes_the_old_ones_place(aws: Any, function: str) -> None:
    lambdas = aws("lambda")
    assert token_trigger.allow_cognito_invoke(lambdas, function, f"{POOL}Old")
    assert token_trigger.allow_cognito_invoke(lambdas, function, f"{POOL}Old") == []
    assert token_trigger.allow_cognito_invoke(lambdas, function, f"{POOL}New")
    (statement,) = json.loads(lambdas.get_policy(FunctionName=function)["Policy"])["Statement"]
    assert statement["Condition"]["ArnLike"]["AWS:SourceArn"] == f"{POOL}New"
    assert statement["Principal"] == {"Service": "cognito-idp.amazonaws.com"}


def test_a_function_without_a_stream_is_told_of(aws: Any, function: str) -> None:
    with pytest.raises(stream.StreamMissingError, match="one reads no stream"):
        stream.configure_stream_mapping(
            aws("lambda"), function, "arn:aws:sqs:us-east-1:123456789012:quarantine"
        )


def test_functions_outside_the_network_are_left_alone(aws: Any, function: str) -> None:
    assert network.enable_ipv6(aws("lambda"), [function], wanted=True) == []


def test_each_answer_of_the_gateway_is_put_once(aws: Any, api: str) -> None:
    client = aws("apigateway")
    assert gateway.set_gateway_responses(client, api, "api")
    assert gateway.set_gateway_responses(client, api, "api") == []
    client.put_gateway_response(restApiId=api, responseType="THROTTLED", statusCode="500")
    assert gateway.set_gateway_responses(client, api, "api") == [
        "1 of the gateway's own answers set"
    ]
    result = client.get_gateway_response(restApiId=api, responseType="THROTTLED")
    assert result["statusCode"] == "429"
    assert len(client.get_deployments(restApiId=api)["items"]) == 3
    assert len(client.get_gateway_responses(restApiId=api)["items"]) >= len(RESPONSES)


def test_writes_and_reads_are_let_in_apart(aws: Any, api: str) -> None:
    client = aws("apigateway")
    assert api_stage.set_stage(client, api, "api", SMALL, LOG)
    assert api_stage.set_stage(client, api, "api", SMALL, LOG) == []
    settings = client.get_stage(restApiId=api, stageName="api")["methodSettings"]
    result = {path.replace("~1", "/").lstrip("/"): one for path, one in settings.items()}
    assert set(result) == {
        "*/*",
        "entries/POST",
        "v1/closings/POST",
    }  # the POST that is there to be refused has none
    assert result["*/*"]["throttlingRateLimit"] == 100


def test_fewer_closings_are_let_in_than_entries(aws: Any, api: str) -> None:
    """Each runs the night's functions, of which a small stage has few."""
    client = aws("apigateway")
    api_stage.set_stage(client, api, "api", SMALL, LOG)
    settings = client.get_stage(restApiId=api, stageName="api")["methodSettings"]
    result = {path.replace("~1", "/").lstrip("/"): one for path, one in settings.items()}
    assert result["v1/closings/POST"]["throttlingRateLimit"] == 1
    assert result["entries/POST"]["throttlingRateLimit"] == 100


def test_another_size_changes_what_differs_alone(aws: Any, api: str) -> None:
    client = aws("apigateway")
    api_stage.set_stage(client, api, "api", SMALL, LOG)
    changes = api_stage.set_stage(client, api, "api", LARGE, LOG)
    assert len(changes) == 6
    assert all("throttling" in change for change in changes)
    settings = client.get_stage(restApiId=api, stageName="api")["methodSettings"]
    rates = {path.replace("~1", "/").lstrip("/"): one for path, one in settings.items()}
    assert {path: one["throttlingRateLimit"] for path, one in rates.items()} == {
        "*/*": 500, "entries/POST": 2000, "v1/closings/POST": 5,
    }  # fmt: skip


def test_the_access_log_says_nothing_of_who_asked(aws: Any, api: str) -> None:
    client = aws("apigateway")
    api_stage.set_stage(client, api, "api", SMALL, LOG)
    result = client.get_stage(restApiId=api, stageName="api")["accessLogSettings"]
    assert result["destinationArn"] == LOG.removesuffix(":*")
    assert json.loads(result["format"])["status"] == "$context.status"
    assert not any(word in result["format"] for word in ("identity", "authorizer", "querystring"))


def test_the_canary_is_told_once_where_the_api_is_and_again_when_it_moves(aws: Any) -> None:
    table = aws("dynamodb")
    table.create_table(
        TableName="clients",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "client_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "client_id", "KeyType": "HASH"}],
    )
    outputs = {"SignInUrl": "https://in", "CanaryClientId": "c-1", "ClientsTable": "clients"}
    assert canary.store_canary_endpoint(table, outputs, "https://api/one") == [
        "canary: calls https://api/one"
    ]
    assert canary.store_canary_endpoint(table, outputs, "https://api/one") == []
    assert canary.store_canary_endpoint(table, outputs, "https://api/two") == [
        "canary: calls https://api/two"
    ]
    (item,) = table.scan(TableName="clients")["Items"]
    assert item["token_url"] == {"S": "https://in/oauth2/token"}
    assert item["merchant_id"] == {"S": "livro-caixa-canary"}
