"""The schedule: yesterday's run under its one name, however often it fires."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.closing import schedule
from chalicelib.runtime import clients, settings
from tests.fixtures.emulated_aws import StateMachine
from tests.fixtures.night import YESTERDAY
from tests.fixtures.projection import printed

NOW = datetime.fromisoformat("2026-11-23T00:10:00-03:00")


class Executions:
    """A state machine whose executions have the given statuses, by number.

    Those of the day before (`earlier`) ended `hours_ago`.
    """

    exceptions = SimpleNamespace(
        ExecutionAlreadyExists=FileExistsError, ExecutionDoesNotExist=KeyError
    )

    def __init__(self, *statuses: str, earlier: Iterable[str] = (), hours_ago: int = 24) -> None:
        self.statuses = {f"2026-11-22-{n}": status for n, status in enumerate(statuses)}
        self.earlier = {f"2026-11-21-{n}": status for n, status in enumerate(earlier)}
        self.ended = NOW - timedelta(hours=hours_ago)

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> None:  # noqa: N803
        assert stateMachineArn == "arn:stateMachine:closings"
        if name in self.statuses:
            raise FileExistsError
        self.statuses[name] = input

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803
        prefix, _, name = executionArn.rpartition(":")
        assert prefix == "arn:execution:closings"
        return {"status": (self.statuses | self.earlier)[name], "stopDate": self.ended}


def counted(client: Executions, capsys: pytest.CaptureFixture[str]) -> tuple[int, int]:
    """Let the schedule fire; return what it counts as failed and as succeeded."""
    schedule.start(client, "arn:stateMachine:closings", YESTERDAY, NOW)
    lines = printed(capsys)
    counts = {name: line[name] for line in lines for name in line if name.startswith("Night")}
    return counts["NightFailed"], counts["NightSucceeded"]


def test_second_trigger_starts_nothing(state_machine: StateMachine) -> None:
    client, arn = state_machine
    for _ in range(3):
        schedule.start(client, arn, YESTERDAY, NOW)
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
        (["FAILED", "RUNNING"], None, (1, 0)),
        (["FAILED", "TIMED_OUT", "RUNNING"], None, (1, 0)),
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
    assert counted(client, capsys) == metrics
    new = list(client.statuses)[len(statuses) :]
    assert new == ([started] if started else [])


@pytest.mark.parametrize("statuses", [(), ("RUNNING",)])
@pytest.mark.parametrize(
    ("earlier", "hours_ago", "metrics"),
    [
        (["FAILED"], 1, (1, 0)),
        (["FAILED"] * 6, 20, (1, 0)),  # until a run of the next day ends
        (["FAILED", "RUNNING"], 3, (1, 0)),
        (["FAILED", "SUCCEEDED"], 1, (0, 1)),
        (["SUCCEEDED"], 23, (0, 0)),  # a trigger of that day has counted it
        (["RUNNING"], 0, (0, 0)),
    ],
)
def test_run_that_ends_after_its_day_is_counted(
    statuses: tuple[str, ...],
    earlier: list[str],
    hours_ago: int,
    metrics: tuple[int, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The day's last trigger is at ten past eleven, and a run takes up to six hours."""
    client = Executions(*statuses, earlier=earlier, hours_ago=hours_ago)
    assert counted(client, capsys) == metrics


def test_newer_day_replaces_an_earlier_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert counted(Executions("SUCCEEDED", earlier=["FAILED"], hours_ago=1), capsys) == (0, 1)
    assert counted(Executions("ABORTED", earlier=["SUCCEEDED"], hours_ago=1), capsys) == (1, 0)


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
        schedule.start(client, f"{arn}-none", YESTERDAY, NOW)
