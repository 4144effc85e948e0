"""The deployed canary, invoked as by its schedule: where all is well, and where nothing is read."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.deployment import configure_canary
from local.emulator import aws_client
from local.running import read_endpoints
from tests.fixtures.service import Service
from tests.fixtures.user_pool import UserPool

FUNCTION = "livro-caixa-laptop-canary"
TICK = {"source": "aws.events", "detail-type": "Scheduled Event", "account": "0", "detail": {}}
ABOUT = {"version": "0", "id": "1", "time": "", "region": "us-east-1", "resources": []}


def run(endpoint: str) -> dict[str, Any]:
    """Invoke the function; return the last line of its log that tells of a run."""
    tick = json.dumps(TICK | ABOUT)
    answer = aws_client(endpoint, "lambda").invoke(FunctionName=FUNCTION, Payload=tick)
    assert "FunctionError" not in answer
    logs = aws_client(endpoint, "logs")
    group = f"/aws/lambda/{FUNCTION}"
    result = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    lines = [json.loads(one) for one in result if one.startswith("{")]
    matches: dict[str, Any] = [line for line in lines if line["event"] == "function_ended"][-1]
    return matches


def test_it_gets_through_on_the_laptop_cloud(laptop_cloud: Service) -> None:
    assert laptop_cloud.paths is not None
    line = run(read_endpoints(laptop_cloud.paths)["aws_endpoint_url"])
    assert (line["CanaryFailed"], line["NightOverdue"], line["undone"]) == (0, 0, 0)


@pytest.fixture
def introduced(user_pool: UserPool) -> Iterator[UserPool]:
    """The pool that the session shares, with the canary known to it for one test."""
    configure_canary(user_pool.emulator, user_pool.deployed)
    yield user_pool
    key = {"client_id": {"S": user_pool.outputs["CanaryClientId"]}}
    table = user_pool.outputs["ClientsTable"]
    user_pool.emulator.client("dynamodb").delete_item(TableName=table, Key=key)


def test_it_fails_where_entries_are_taken_and_no_balance_is_read(introduced: UserPool) -> None:
    line = run(introduced.emulator.endpoint)
    assert (line["CanaryFailed"], line["step"]) == (1, "balance")


def test_the_schedule_is_every_five_minutes(user_pool: UserPool) -> None:
    rules = user_pool.emulator.client("events").list_rules()["Rules"]
    assert "rate(5 minutes)" in [rule.get("ScheduleExpression") for rule in rules]
