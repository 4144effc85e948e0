"""Starting a closing: past days only, one execution per request, a failed start is retried."""

import json
from dataclasses import dataclass, field, replace

import pytest

from chalicelib.commands.executions import Executions
from chalicelib.commands.record import record
from chalicelib.commands.start_closing import StartedConsolidation, start_closing
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.errors import (
    ConsolidationUnavailableError,
    IdempotencyKeyReusedError,
    ValidationError,
)
from chalicelib.ledger.principal import Principal
from tests.commands.examples import PADARIA, RIVAL, closing_request, ports_over, sale
from tests.fixtures.emulated_aws import StateMachine
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


def started(
    table: LedgerTable, machine: Machine, day: str = "2026-11-22", principal: Principal = PADARIA
) -> StartedConsolidation:
    ports = replace(ports_over(table), execution_starter=lambda: machine.start)
    return start_closing(ports, principal, closing_request(day))


def test_past_day_starts_one_named_execution(table: LedgerTable) -> None:
    machine = Machine()
    name = f"2026-11-22-{entry_id('padaria', 'c1')}"
    for replayed in (False, True):
        assert started(table, machine) == StartedConsolidation(name, replayed)
    request = {"day": "2026-11-22", "merchant_id": "padaria", "started_by": "joana"}
    assert machine.started == {name: request}
    assert not started(table, machine, principal=RIVAL).replayed
    assert len(machine.started) == 2


def test_same_request_retries_a_failed_start(table: LedgerTable) -> None:
    machine = Machine(reachable=False)
    with pytest.raises(ConsolidationUnavailableError):
        started(table, machine)
    machine.reachable = True
    assert started(table, machine).replayed
    assert len(machine.started) == 1


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-24", "2999-01-01"])
def test_today_and_later_days_are_refused(table: LedgerTable, day: str) -> None:
    machine = Machine()
    with pytest.raises(ValidationError) as error:
        started(table, machine, day)
    assert [field_error.field for field_error in error.value.field_errors] == ["day"]
    assert (machine.started, table.items()) == ({}, [])


@pytest.mark.parametrize("used_for", ["another day", "an entry"])
def test_key_of_another_request_starts_nothing(table: LedgerTable, used_for: str) -> None:
    machine = Machine()
    if used_for == "an entry":
        record(ports_over(table), PADARIA, sale("c1"))
    else:
        started(table, machine, "2026-11-21")
    before = dict(machine.started)
    with pytest.raises(IdempotencyKeyReusedError):
        started(table, machine)
    assert machine.started == before


def test_existing_execution_is_not_started_again(state_machine: StateMachine) -> None:
    executions = Executions(state_machine.client, state_machine.arn)
    for day in ("2026-11-22", "2026-11-21"):
        executions.start("one", json.dumps({"day": day}))
    listed = state_machine.client.list_executions(stateMachineArn=state_machine.arn)["executions"]
    assert [execution["name"] for execution in listed] == ["one"]


def test_failing_state_machine_is_unavailable(state_machine: StateMachine) -> None:
    nowhere = "arn:aws:states:sa-east-1:123456789012:stateMachine:none"
    with pytest.raises(ConsolidationUnavailableError):
        Executions(state_machine.client, nowhere).start("one", "{}")
