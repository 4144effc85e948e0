"""The deployed gateway's own refusals, as a consumer gets them."""

import pytest

from local.http_client import call
from tests.fixtures.user_pool import UserPool


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_a_path_that_nobody_knows_is_a_problem_like_any_other(
    headers: dict[str, str], user_pool: UserPool
) -> None:
    answer = call("GET", f"{user_pool.deployed.base_url}/v1/nowhere", headers)
    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["status"] == 404
    assert answer.body["request_id"] == answer.headers["X-Request-Id"]
    assert answer.body["request_id"] in answer.body["instance"]


@pytest.mark.parametrize("token", ["none", "nonsense", "ID token", "changed", "without scope"])
def test_without_a_good_token_the_gateway_lets_nobody_in(token: str, user_pool: UserPool) -> None:
    viewer = user_pool.person("padaria", "viewer").by_password()
    tokens = {
        "nonsense": "nonsense",
        "ID token": viewer["IdToken"],
        "changed": viewer["AccessToken"][:-8] + "AAAAAAAA",
        "without scope": user_pool.person("padaria").by_password()["AccessToken"],
    }
    headers = {"Authorization": f"Bearer {tokens[token]}"} if token in tokens else {}
    answer = call("GET", f"{user_pool.deployed.base_url}/v1/entries", headers)
    assert (answer.status, answer.body["status"]) == (401, 401)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_an_open_route_needs_no_token(user_pool: UserPool) -> None:
    answer = call("GET", f"{user_pool.deployed.base_url}/health", {})
    assert (answer.status, answer.body) == (200, {"status": "ok"})


def test_what_the_stage_stands_on_can_be_deployed_again_and_keeps_what_it_holds(
    user_pool: UserPool,
) -> None:
    from local.deployment import deploy_foundation

    user_pool.assign_machine("padaria")
    assert deploy_foundation(user_pool.emulator) == user_pool.outputs
    table = user_pool.emulator.client("dynamodb").scan(TableName=user_pool.outputs["ClientsTable"])
    assert table["Count"] == 1
