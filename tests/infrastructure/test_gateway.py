"""The error responses of the deployed gateway itself."""

import pytest

from local.http_client import call
from tests.fixtures.user_pool import UserPool


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_unknown_path_is_a_problem(headers: dict[str, str], user_pool: UserPool) -> None:
    response = call("GET", f"{user_pool.deployed.base_url}/v1/nowhere", headers)
    assert response.status == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.body["status"] == 404
    assert response.body["request_id"] == response.headers["X-Request-Id"]
    assert response.body["request_id"] in response.body["instance"]


@pytest.mark.parametrize("token", ["none", "nonsense", "ID token", "changed", "without scope"])
def test_invalid_token_is_unauthorized(token: str, user_pool: UserPool) -> None:
    viewer = user_pool.person("padaria", "viewer").by_password()
    tokens = {
        "nonsense": "nonsense",
        "ID token": viewer["IdToken"],
        "changed": viewer["AccessToken"][:-8] + "AAAAAAAA",
        "without scope": user_pool.person("padaria").by_password()["AccessToken"],
    }
    headers = {"Authorization": f"Bearer {tokens[token]}"} if token in tokens else {}
    response = call("GET", f"{user_pool.deployed.base_url}/v1/entries", headers)
    assert (response.status, response.body["status"]) == (401, 401)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_public_route_needs_no_token(user_pool: UserPool) -> None:
    response = call("GET", f"{user_pool.deployed.base_url}/health", {})
    assert (response.status, response.body) == (200, {"status": "ok"})


def test_second_deployment_keeps_content(user_pool: UserPool) -> None:
    from local.deployment import deploy_foundation

    user_pool.assign_machine("padaria")
    assert deploy_foundation(user_pool.emulator) == user_pool.outputs
    table = user_pool.emulator.client("dynamodb").scan(TableName=user_pool.outputs["ClientsTable"])
    assert table["Count"] == 1
