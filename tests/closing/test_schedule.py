"""The schedule: yesterday's run under its one name, however often it fires."""

import json
from datetime import datetime
from types import SimpleNamespace

import pytest

from chalicelib.closing import schedule
from chalicelib.runtime import clients, settings
from tests.fixtures.emulated_aws import StateMachine
from tests.fixtures.night import YESTERDAY


class Executions:
    """A state machine whose executions have the given statuses, by number."""

    exceptions = SimpleNamespace(ExecutionAlreadyExists=FileExistsError)

    def __init__(self, *statuses: str) -> None:
        self.statuses = {f"2026-11-22-{n}": status for n, status in enumerate(statuses)}

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: N803
        assert stateMachineArn == "arn:stateMachine:closings"
        if name in self.statuses:
            raise FileExistsError
        self.statuses[name] = input

    def describe_execution(self, executionArn: str) -> dict[str, str]:  # noqa: N803
        prefix, _, name = executionArn.rpartition(":")
        assert prefix == "arn:execution:closings"
        return {"status": self.statuses[name]}


def test_second_trigger_starts_nothing(state_machine: StateMachine) -> None:
    client, arn = state_machine
    for _ in range(3):
        schedule.start(client, arn, YESTERDAY)
    (only,) = client.list_executions(stateMachineArn=arn)["executions"]
    assert only["name"] == "2026-11-22-0"
    request = json.loads(client.describe_execution(executionArn=only["executionArn"])["input"])
    assert request == {"day": "2026-11-22", "merchant_id": None, "started_by": "schedule"}


@pytest.mark.parametrize(
    ("statuses", "started", "metrics"),
    [
        ([], "2026-11-22-0", (0, 0)),
        (["RUNNING"], None, (0, 0)),
        (["SUCCEEDED"], None, (0, 1)),
        (["ABORTED"], None, (1, 0)),
        (["FAILED"], "2026-11-22-1", (1, 0)),
        (["TIMED_OUT"], "2026-11-22-1", (1, 0)),
        (["FAILED", "SUCCEEDED"], None, (0, 1)),
        (["FAILED"] * 5, "2026-11-22-5", (1, 0)),
        (["FAILED"] * 6, None, (1, 0)),
    ],
)
def test_failed_run_is_repeated_five_times(
    statuses: list[str],
    started: str | None,
    metrics: tuple[int, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = Executions(*statuses)
    schedule.start(client, "arn:stateMachine:closings", YESTERDAY)
    new = list(client.statuses)[len(statuses) :]
    assert new == ([started] if started else [])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = {name: line[name] for line in lines for name in line if name.startswith("Night")}
    assert (counted["NightFailed"], counted["NightSucceeded"]) == metrics


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
