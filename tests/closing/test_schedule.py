"""The trigger: yesterday's consolidation under its one name, however often it fires."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from chalicelib.closing import schedule
from chalicelib.closing.schedule import start_night, starter
from chalicelib.runtime import clients, settings
from tests.fixtures.night import YESTERDAY


@pytest.fixture
def machine() -> Iterator[tuple[Any, str]]:
    """An emulated state machine: the client, and its ARN."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        client = boto3.Session(
            aws_access_key_id="nobody", aws_secret_access_key="nothing", region_name="us-east-1"
        ).client("stepfunctions")
        arn = client.create_state_machine(
            name="night",
            definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
            roleArn="arn:aws:iam::123456789012:role/nobody",
        )["stateMachineArn"]
        yield client, arn


def test_a_second_trigger_starts_nothing_and_is_a_success(machine: tuple[Any, str]) -> None:
    client, arn = machine
    for _ in range(3):
        start_night(starter(client, arn), YESTERDAY)
    (only,) = client.list_executions(stateMachineArn=arn)["executions"]
    assert only["name"] == "2026-11-22-0"
    request = json.loads(client.describe_execution(executionArn=only["executionArn"])["input"])
    assert request == {"day": "2026-11-22", "merchant_id": None, "started_by": "schedule"}


@pytest.mark.parametrize(
    ("moment", "name"),
    [("2026-11-23T02:59:00Z", "2026-11-21-0"), ("2026-11-23T03:00:00Z", "2026-11-22-0")],
)
def test_yesterday_ends_at_midnight_in_sao_paulo(
    machine: tuple[Any, str], monkeypatch: pytest.MonkeyPatch, moment: str, name: str
) -> None:
    client, arn = machine
    clock = type("Clock", (), {"now": lambda _zone: datetime.fromisoformat(moment)})
    monkeypatch.setattr(schedule, "datetime", clock)
    monkeypatch.setattr(clients, "aws", lambda _service: client)
    monkeypatch.setattr(settings, "current", lambda: settings.Settings({"STATE_MACHINE_ARN": arn}))
    schedule.run()
    (only,) = client.list_executions(stateMachineArn=arn)["executions"]
    assert only["name"] == name


def test_a_machine_that_does_not_answer_is_asked_again_later(machine: tuple[Any, str]) -> None:
    client, arn = machine
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        start_night(starter(client, f"{arn}-none"), YESTERDAY)
