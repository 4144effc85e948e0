"""The deployed gateway's own refusals, as a consumer gets them."""

import pytest

from local.calls import call
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


def test_an_open_route_needs_no_token(user_pool: UserPool) -> None:
    answer = call("GET", f"{user_pool.deployed.base_url}/health", {})
    assert (answer.status, answer.body) == (200, {"status": "ok"})


def test_the_foundation_can_be_deployed_again_and_keeps_what_it_holds(user_pool: UserPool) -> None:
    from local.deployment import deploy_foundation

    user_pool.assign_machine("padaria")
    assert deploy_foundation(user_pool.emulator) == user_pool.outputs
    table = user_pool.emulator.client("dynamodb").scan(TableName=user_pool.outputs["ClientsTable"])
    assert table["Count"] == 1
