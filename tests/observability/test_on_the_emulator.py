"""Alarms and dashboard as the emulator makes them: what it can, twice, without a difference."""

import json
from typing import Any

import pytest

from deploy.stacks import Stacks
from tests.fixtures.user_pool import UserPool
from tests.infrastructure.templates import FOLDER, of_type, only_on_aws, template

STACK = "livro-caixa-laptop-observability"


@pytest.fixture
def emulated(user_pool: UserPool) -> Any:
    """A maker of clients, once the stack is deployed."""
    client = user_pool.emulator.client
    stacks = Stacks(client("cloudformation"), lambda _: None, lambda _: None)
    body = (FOLDER / "observability.yaml").read_text()
    result = {"Stage": "laptop", "Target": "emulator", "AlarmEmail": "plantao@example.com.br"}
    outputs = stacks.deploy(STACK, body, result)
    assert stacks.deploy(STACK, body, result) == outputs
    assert outputs["AlarmTopicArn"].endswith(":livro-caixa-laptop-alarms")
    return client


def test_every_alarm_that_it_can_make_is_there_and_tells_the_topic(emulated: Any) -> None:
    eyes = template("observability")
    spared = only_on_aws(eyes) | {"FastMemoryEvictions"}
    expected = {
        one["AlarmName"]["Fn::Sub"].replace("${Stage}", "laptop")
        for name, one in of_type(eyes, "AWS::CloudWatch::Alarm").items()
        if name not in spared
    }
    result = emulated("cloudwatch").describe_alarms()["MetricAlarms"]
    mine = [one for one in result if one["AlarmName"].startswith("livro-caixa-laptop-")]
    assert {one["AlarmName"] for one in mine} == expected
    topics = {topic for one in mine for topic in one["AlarmActions"]}
    assert [topic.rpartition(":")[2] for topic in topics] == ["livro-caixa-laptop-alarms"]


def test_the_dashboard_is_there_with_the_stage_in_it(emulated: Any) -> None:
    board = emulated("cloudwatch").get_dashboard(DashboardName="livro-caixa-laptop")
    widgets = json.loads(board["DashboardBody"])["widgets"]
    assert "${" not in board["DashboardBody"]
    first = next(widget for widget in widgets if widget["type"] == "metric")["properties"]
    assert first["metrics"][0][:4] == ["LivroCaixa", "EntriesAccepted", "Stage", "laptop"]


def test_who_is_to_be_written_to_is(emulated: Any) -> None:
    subscriptions = emulated("sns").list_subscriptions()["Subscriptions"]
    assert "plantao@example.com.br" in [subscription["Endpoint"] for subscription in subscriptions]
