"""Starting a closing: past days only, one execution per request, a failed start is retried."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from chalicelib.commands.executions import Executions
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.commands.start_closing import ClosingRequest, start_closing
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.errors import (
    ConsolidationUnavailableError,
    IdempotencyKeyReusedError,
    ValidationError,
)
from tests.commands.examples import PADARIA, RIVAL, ports_over, sale
from tests.fixtures.ledger_table import LedgerTable


@dataclass
class Machine:
    """A state machine that collects the executions that it started, or is unreachable."""

    started: dict[str, dict[str, str]] = field(default_factory=dict)
    reachable: bool = True

    def start(self, name: str, text: str) -> None:
        if not self.reachable:
            raise ConsolidationUnavailableError("no")
        self.started.setdefault(name, json.loads(text))


def over(table: LedgerTable, machine: Machine) -> CommandPorts:
    return replace(ports_over(table), start_execution=machine.start)


def closing(day: str, key: str = "c1") -> ClosingRequest:
    return ClosingRequest(date.fromisoformat(day), key, {"day": day})


def test_past_day_starts_a_named_execution(table: LedgerTable) -> None:
    machine = Machine()
    started = start_closing(over(table, machine), PADARIA, closing("2026-11-22"))
    name = f"2026-11-22-{entry_id('padaria', 'c1')}"
    assert (started.consolidation_id, started.replayed) == (name, False)
    request = {"day": "2026-11-22", "merchant_id": "padaria", "started_by": "joana"}
    assert machine.started == {name: request}


def test_same_request_returns_the_same_run(table: LedgerTable) -> None:
    machine = Machine()
    ports = over(table, machine)
    first, again = (start_closing(ports, PADARIA, closing("2026-11-22")) for _ in range(2))
    assert (first.consolidation_id, again.replayed) == (again.consolidation_id, True)
    assert len(machine.started) == 1


def test_same_request_retries_a_failed_start(table: LedgerTable) -> None:
    machine = Machine(reachable=False)
    ports = over(table, machine)
    with pytest.raises(ConsolidationUnavailableError):
        start_closing(ports, PADARIA, closing("2026-11-22"))
    machine.reachable = True
    assert start_closing(ports, PADARIA, closing("2026-11-22")).replayed
    assert len(machine.started) == 1


def test_key_belongs_to_its_merchant(table: LedgerTable) -> None:
    machine = Machine()
    for principal in (PADARIA, RIVAL):
        start_closing(over(table, machine), principal, closing("2026-11-22"))
    assert len(machine.started) == 2


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-24", "2999-01-01"])
def test_today_and_later_days_are_refused(table: LedgerTable, day: str) -> None:
    machine = Machine()
    with pytest.raises(ValidationError) as error:
        start_closing(over(table, machine), PADARIA, closing(day))
    assert [field_error.field for field_error in error.value.field_errors] == ["day"]
    assert (machine.started, table.items()) == ({}, [])


@pytest.mark.parametrize("used_for", ["another day", "an entry"])
def test_key_of_another_request_starts_nothing(table: LedgerTable, used_for: str) -> None:
    machine = Machine()
    ports = over(table, machine)
    if used_for == "an entry":
        record(ports_over(table), PADARIA, sale("c1"))
    else:
        start_closing(ports, PADARIA, closing("2026-11-21"))
    before = dict(machine.started)
    with pytest.raises(IdempotencyKeyReusedError):
        start_closing(ports, PADARIA, closing("2026-11-22"))
    assert machine.started == before


@pytest.fixture
def step_functions() -> Iterator[Any]:
    import boto3
    from moto import mock_aws

    with mock_aws():
        yield boto3.Session(
            aws_access_key_id="nobody", aws_secret_access_key="nothing", region_name="sa-east-1"
        ).client("stepfunctions")


def test_existing_execution_is_not_started_again(step_functions: Any) -> None:
    arn = step_functions.create_state_machine(
        name="consolidation",
        definition=json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        roleArn="arn:aws:iam::123456789012:role/nobody",
    )["stateMachineArn"]
    executions = Executions(lambda: step_functions, lambda: arn)
    for day in ("2026-11-22", "2026-11-21"):
        executions.start("one", json.dumps({"day": day}))
    listed = step_functions.list_executions(stateMachineArn=arn)["executions"]
    assert [execution["name"] for execution in listed] == ["one"]


def test_failing_state_machine_is_unavailable(step_functions: Any) -> None:
    nowhere = "arn:aws:states:sa-east-1:123456789012:stateMachine:none"
    with pytest.raises(ConsolidationUnavailableError):
        Executions(lambda: step_functions, lambda: nowhere).start("one", "{}")
