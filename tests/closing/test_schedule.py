"""The schedule: yesterday's run under its one name, however often it fires."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from chalicelib.closing import schedule
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


def test_second_trigger_starts_nothing(machine: tuple[Any, str]) -> None:
    client, arn = machine
    for _ in range(3):
        schedule.start(client, arn, YESTERDAY)
    (only,) = client.list_executions(stateMachineArn=arn)["executions"]
    assert only["name"] == "2026-11-22-0"
    request = json.loads(client.describe_execution(executionArn=only["executionArn"])["input"])
    assert request == {"day": "2026-11-22", "merchant_id": None, "started_by": "schedule"}


@pytest.mark.parametrize(
    ("moment", "name"),
    [("2026-11-23T02:59:00Z", "2026-11-21-0"), ("2026-11-23T03:00:00Z", "2026-11-22-0")],
)
def test_yesterday_ends_at_local_midnight(
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


def test_failed_start_is_raised_for_retry(machine: tuple[Any, str]) -> None:
    client, arn = machine
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        schedule.start(client, f"{arn}-none", YESTERDAY)
