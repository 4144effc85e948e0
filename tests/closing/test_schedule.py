"""The schedule: yesterday's run under its one name, however often it fires."""

import json
from datetime import datetime

import pytest

from chalicelib.closing import schedule
from chalicelib.runtime import clients, settings
from tests.fixtures.emulated_aws import StateMachine
from tests.fixtures.night import YESTERDAY


def test_second_trigger_starts_nothing(state_machine: StateMachine) -> None:
    client, arn = state_machine
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
    state_machine: StateMachine, monkeypatch: pytest.MonkeyPatch, moment: str, name: str
) -> None:
    client, arn = state_machine
    clock = type("Clock", (), {"now": lambda _zone: datetime.fromisoformat(moment)})
    monkeypatch.setattr(schedule, "datetime", clock)
    monkeypatch.setattr(clients, "aws", lambda _service: client)
    monkeypatch.setattr(settings, "current", lambda: settings.Settings({"STATE_MACHINE_ARN": arn}))
    schedule.run()
    (only,) = client.list_executions(stateMachineArn=arn)["executions"]
    assert only["name"] == name


def test_failed_start_is_raised_for_retry(state_machine: StateMachine) -> None:
    client, arn = state_machine
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        schedule.start(client, f"{arn}-none", YESTERDAY)
