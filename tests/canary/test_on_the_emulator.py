"""The deployed canary, invoked as its schedule does, with and without a working read model."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.deployment import configure_canary
from local.emulator import aws_client
from local.running import read_endpoints
from tests.fixtures.emulated_stage import SCHEDULED
from tests.fixtures.service import Service
from tests.fixtures.user_pool import UserPool

FUNCTION = "livro-caixa-laptop-canary"


def run(endpoint: str) -> dict[str, Any]:
    """Invoke the function; return the last line of an invocation in its log."""
    lambdas = aws_client(endpoint, "lambda")
    response = lambdas.invoke(FunctionName=FUNCTION, Payload=json.dumps(SCHEDULED))
    assert "FunctionError" not in response
    logs = aws_client(endpoint, "logs")
    group = f"/aws/lambda/{FUNCTION}"
    messages = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    lines = [json.loads(message) for message in messages if message.startswith("{")]
    last: dict[str, Any] = [line for line in lines if line["event"] == "function_ended"][-1]
    return last


def test_canary_succeeds_on_the_laptop_cloud(laptop_cloud: Service) -> None:
    assert laptop_cloud.paths is not None
    line = run(read_endpoints(laptop_cloud.paths)["aws_endpoint_url"])
    assert (line["CanaryFailed"], line["NightOverdue"], line["undone"]) == (0, 0, 0)


@pytest.fixture
def registered(user_pool: UserPool) -> Iterator[UserPool]:
    """The session's pool, with the canary registered for one test."""
    configure_canary(user_pool.emulator, user_pool.deployed)
    yield user_pool
    key = {"client_id": {"S": user_pool.outputs["CanaryClientId"]}}
    table = user_pool.outputs["ClientsTable"]
    user_pool.emulator.client("dynamodb").delete_item(TableName=table, Key=key)


def test_canary_fails_without_a_read_model(registered: UserPool) -> None:
    line = run(registered.emulator.endpoint)
    assert (line["CanaryFailed"], line["step"]) == (1, "balance")


def test_canary_runs_every_five_minutes(user_pool: UserPool) -> None:
    rules = user_pool.emulator.client("events").list_rules()["Rules"]
    assert "rate(5 minutes)" in [rule.get("ScheduleExpression") for rule in rules]
