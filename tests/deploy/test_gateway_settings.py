"""Settings of the API that Chalice does not have, where API Gateway already holds other ones."""

import json
from typing import Any

import pytest

from deploy.gateway_settings import set_gateway_responses, set_stage
from infrastructure.gateway_responses import RESPONSES
from infrastructure.sizes import LARGE, SMALL

FUNCTION = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/one/invocations"
LOG = "arn:aws:logs:us-east-1:123456789012:log-group:/livro-caixa/trial/access:*"


@pytest.fixture
def client(aws: Any) -> Any:
    return aws("apigateway")


@pytest.fixture
def api(client: Any) -> str:
    """The id of an API with a route of each kind, deployed as stage `api`."""
    api: str = client.create_rest_api(name="livro-caixa")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    resources: dict[str, str] = {"": root}

    def add(parent: str, path: str) -> str:
        if path not in resources:
            made = client.create_resource(restApiId=api, parentId=parent, pathPart=path)
            resources[path] = made["id"]
        return resources[path]

    version = add(root, "v1")
    day = add(add(version, "closings"), "{day}")
    for parent, path, method, authorizer in (
        (version, "closings", "POST", "COGNITO_USER_POOLS"),
        (day, "proof", "GET", "COGNITO_USER_POOLS"),
        (add(version, "closings"), "head", "GET", "COGNITO_USER_POOLS"),
        (add(day, "{version}"), "leaves", "GET", "COGNITO_USER_POOLS"),
        (root, "entries", "POST", "COGNITO_USER_POOLS"),
        (root, "entries", "GET", "COGNITO_USER_POOLS"),
        (version, "statements", "GET", "COGNITO_USER_POOLS"),
        (version, "statements", "HEAD", "COGNITO_USER_POOLS"),
        (add(add(version, "imports"), "{import_id}"), "recording", "PUT", "COGNITO_USER_POOLS"),
        (root, "balances", "PUT", "NONE"),
        (root, "health", "GET", "NONE"),
        (add(root, "health"), "ready", "GET", "NONE"),
        (add(root, "health"), "ready", "HEAD", "NONE"),
        (add(root, "assets"), "{file}", "GET", "NONE"),
        (root, "", "GET", "NONE"),
    ):
        place = {"restApiId": api, "resourceId": add(parent, path), "httpMethod": method}
        client.put_method(**place, authorizationType=authorizer)
        if path == "balances":  # answered by the gateway itself
            client.put_integration(**place, type="MOCK")
        else:
            proxy = {"type": "AWS_PROXY", "integrationHttpMethod": "POST"}
            client.put_integration(**place, **proxy, uri=FUNCTION)
    client.create_deployment(restApiId=api, stageName="api")
    return api


def rates(client: Any, api: str) -> dict[str, float]:
    """Return the requests per second that the stage admits, by path and method."""
    settings = client.get_stage(restApiId=api, stageName="api")["methodSettings"]
    return {
        path.replace("~1", "/").lstrip("/"): method["throttlingRateLimit"]
        for path, method in settings.items()
    }


def test_only_differing_error_responses_are_set(client: Any, api: str) -> None:
    assert set_gateway_responses(client, api, "api")
    assert set_gateway_responses(client, api, "api") == []
    client.put_gateway_response(restApiId=api, responseType="THROTTLED", statusCode="500")
    assert set_gateway_responses(client, api, "api") == ["API: 1 error responses set"]
    response = client.get_gateway_response(restApiId=api, responseType="THROTTLED")
    assert response["statusCode"] == "429"
    assert len(client.get_deployments(restApiId=api)["items"]) == 3
    assert len(client.get_gateway_responses(restApiId=api)["items"]) >= len(RESPONSES)


def test_writes_reads_and_closings_have_throttles(client: Any, api: str) -> None:
    assert set_stage(client, api, "api", SMALL, LOG)
    assert set_stage(client, api, "api", SMALL, LOG) == []
    # What the gateway answers itself has none, and what strangers may call has its own.
    readiness = {"health/ready/GET": 2, "health/ready/HEAD": 2, "health/GET": 10}
    day = "v1/closings/{day}"
    writes = {"*/*": 80, "entries/POST": 50, "v1/closings/POST": 1}
    leaves = {f"{day}/proof/GET": 5, f"{day}/{{version}}/leaves/GET": 5}
    leaves["v1/closings/head/GET"] = 5
    slow = {"v1/statements/GET": 0.3, "v1/statements/HEAD": 0.075}
    slow["v1/imports/{import_id}/recording/PUT"] = 0.1
    pages = {"GET": 10, "assets/{file}/GET": 10}
    assert rates(client, api) == writes | readiness | leaves | slow | pages
    changes = set_stage(client, api, "api", LARGE, LOG)
    assert len(changes) == 22
    assert all("throttling" in change for change in changes)
    writes = {"*/*": 500, "entries/POST": 2000, "v1/closings/POST": 5}
    leaves = {f"{day}/proof/GET": 50, f"{day}/{{version}}/leaves/GET": 50}
    leaves["v1/closings/head/GET"] = 50
    slow = {"v1/statements/GET": 4, "v1/statements/HEAD": 1}
    slow["v1/imports/{import_id}/recording/PUT"] = 1
    pages = {"GET": 200, "assets/{file}/GET": 200}
    assert rates(client, api) == writes | readiness | leaves | slow | pages


def test_access_log_identifies_no_sender(client: Any, api: str) -> None:
    set_stage(client, api, "api", SMALL, LOG)
    log = client.get_stage(restApiId=api, stageName="api")["accessLogSettings"]
    assert log["destinationArn"] == LOG.removesuffix(":*")
    assert json.loads(log["format"])["status"] == "$context.status"
    assert not any(word in log["format"] for word in ("identity", "authorizer", "querystring"))
