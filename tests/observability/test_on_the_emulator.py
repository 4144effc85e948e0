"""Alarms and dashboard in the emulator, deployed twice without a difference."""

import json
from typing import Any

import pytest

from deploy.stacks import Stacks
from tests.fixtures.user_pool import UserPool
from tests.infrastructure.templates import FOLDER, of_type, only_on_aws, template


@pytest.fixture
def emulated(user_pool: UserPool) -> Any:
    """A maker of clients of the emulator, with the stack deployed."""
    client = user_pool.emulator.client
    stacks = Stacks(client("cloudformation"), lambda _: None, lambda _: None)
    body = (FOLDER / "observability.yaml").read_text()
    parameters = {"Stage": "laptop", "Target": "emulator", "AlarmEmail": "plantao@example.com.br"}
    outputs, again = (
        stacks.deploy("livro-caixa-laptop-observability", body, parameters) for _ in range(2)
    )
    assert outputs == again
    assert outputs["AlarmTopicArn"].endswith(":livro-caixa-laptop-alarms")
    return client


def test_alarms_notify_the_topic(emulated: Any) -> None:
    observability = template("observability")
    left_out = only_on_aws(observability) | {"DatabaseCredits", "FastMemoryEvictions"}
    expected = {
        alarm["AlarmName"]["Fn::Sub"].replace("${Stage}", "laptop")
        for name, alarm in of_type(observability, "AWS::CloudWatch::Alarm").items()
        if name not in left_out
    }
    described = emulated("cloudwatch").describe_alarms(AlarmNamePrefix="livro-caixa-laptop-")
    alarms = described["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in alarms} == expected
    topics = {topic for alarm in alarms for topic in alarm["AlarmActions"]}
    assert [topic.rpartition(":")[2] for topic in topics] == ["livro-caixa-laptop-alarms"]
    subscriptions = emulated("sns").list_subscriptions()["Subscriptions"]
    assert "plantao@example.com.br" in [subscription["Endpoint"] for subscription in subscriptions]


def test_dashboard_shows_its_stage(emulated: Any) -> None:
    board = emulated("cloudwatch").get_dashboard(DashboardName="livro-caixa-laptop")
    widgets = json.loads(board["DashboardBody"])["widgets"]
    assert "${" not in board["DashboardBody"]
    first = next(widget for widget in widgets if widget["type"] == "metric")["properties"]
    assert first["metrics"][0][:4] == ["LivroCaixa", "EntriesAccepted", "Stage", "laptop"]
