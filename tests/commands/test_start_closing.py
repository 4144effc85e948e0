"""Starting a closing: past days only, one run per request, and the first response for ever."""

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest

from chalicelib.closing.run_summary import RunSummaries
from chalicelib.commands.executions import Executions
from chalicelib.commands.record import record
from chalicelib.commands.start_closing import StartedConsolidation, start_closing
from chalicelib.commands.stored_run import StoredRun, stored_run
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.errors import (
    ConsolidationUnavailableError,
    IdempotencyKeyReusedError,
    LedgerUnavailableError,
    ValidationError,
)
from chalicelib.ledger.principal import Principal
from tests.commands.examples import NOON, PADARIA, RIVAL, closing_request, ports_over, sale
from tests.fixtures.emulated_aws import StateMachine
from tests.fixtures.ledger_table import LedgerTable, after, lost_answer, unreachable
from tests.fixtures.threads import crowd

RUN = f"2026-11-22-{entry_id('padaria', 'c1')}"
SUMMARY = {"merchants": 1, "closed": 3, "repaired": 2, "failed": 0}
ENDED = {
    **SUMMARY,
    "succeeded": True,
    "started_at": "2026-11-23T15:00:00.000Z",
    "stopped_at": "2026-11-23T15:01:00.000Z",
}


@dataclass
class Machine:
    """A state machine that collects the executions that it started, or is unreachable."""

    started: dict[str, dict[str, str]] = field(default_factory=dict)
    reachable: bool = True

    def start(self, name: str, text: str) -> None:
        if not self.reachable:
            raise ConsolidationUnavailableError("no")
        self.started.setdefault(name, json.loads(text))


@pytest.fixture
def machine() -> Machine:
    return Machine()


def started(
    table: LedgerTable, machine: Machine, day: str = "2026-11-22", principal: Principal = PADARIA
) -> StartedConsolidation:
    ports = ports_over(table, client=table.client_of_one_try())
    ports = replace(ports, execution_starter=lambda: machine.start)
    return start_closing(ports, principal, closing_request(day))


def test_past_day_starts_one_named_execution(table: LedgerTable, machine: Machine) -> None:
    for replayed in (False, True):
        assert started(table, machine) == StartedConsolidation(RUN, replayed)
    request = {"day": "2026-11-22", "merchant_id": "padaria", "started_by": "joana"}
    assert machine.started == {RUN: request}
    assert not started(table, machine, principal=RIVAL).replayed
    assert len(machine.started) == 2


@pytest.mark.parametrize("machine_now", [Machine(reachable=False), Machine()])
def test_replay_needs_no_state_machine(
    table: LedgerTable, machine: Machine, machine_now: Machine
) -> None:
    first = started(table, machine)
    assert started(table, machine_now) == StartedConsolidation(first.consolidation_id, True)
    assert machine_now.started == {}  # also when it has forgotten the execution


def test_failed_start_uses_no_key(table: LedgerTable) -> None:
    for day in ("2026-11-22", "2026-11-21"):
        with pytest.raises(ConsolidationUnavailableError):
            started(table, Machine(reachable=False), day)
    for replayed in (False, True):
        assert started(table, Machine(), "2026-11-20").replayed is replayed


@pytest.mark.parametrize("reserved", [False, True])
def test_request_with_an_unreachable_ledger_can_be_repeated(
    table: LedgerTable, machine: Machine, reserved: bool
) -> None:
    table.wire.twist("PutItem", *(lambda deliver: deliver() for _ in range(reserved)), unreachable)
    with pytest.raises(LedgerUnavailableError):
        started(table, machine)
    assert len(machine.started) == reserved
    for replayed in (False, True):
        assert started(table, machine) == StartedConsolidation(RUN, replayed)
    assert len(machine.started) == 1


def test_put_retried_by_the_client_is_no_replay(table: LedgerTable) -> None:
    table.wire.twist("PutItem", lost_answer, lambda deliver: deliver(), lost_answer)
    assert not start_closing(ports_over(table), PADARIA, closing_request("2026-11-22")).replayed
    assert table.wire.calls == ["BatchGetItem", *["PutItem"] * 4]


def test_other_body_that_came_first_wins(table: LedgerTable, machine: Machine) -> None:
    table.wire.twist("PutItem", after(lambda: started(table, machine, "2026-11-21")))
    with pytest.raises(IdempotencyKeyReusedError):
        started(table, machine)
    assert [request["day"] for request in machine.started.values()] == ["2026-11-21"]


def test_concurrent_requests_start_one_run(table: LedgerTable, machine: Machine) -> None:
    days = ("2026-11-22", "2026-11-21")
    outcomes = crowd(20, lambda turn: started(table, machine, days[turn % 2]))
    runs = [outcome for outcome in outcomes if isinstance(outcome, StartedConsolidation)]
    assert [run.replayed for run in runs].count(False) == 1
    assert {run.consolidation_id for run in runs} == set(machine.started)
    assert sum(isinstance(outcome, IdempotencyKeyReusedError) for outcome in outcomes) == 10
    assert (len(runs), len(machine.started)) == (10, 1)


def test_crash_before_the_start_is_recoverable(table: LedgerTable, machine: Machine) -> None:
    def crash(_name: str, _text: str) -> None:
        raise KeyboardInterrupt

    ports = replace(ports_over(table), execution_starter=lambda: crash)
    with pytest.raises(KeyboardInterrupt):
        start_closing(ports, PADARIA, closing_request("2026-11-22"))
    assert stored_run(ports, "padaria", RUN) is None
    # It may still be under way, so its key is not freed by a request that follows it.
    with pytest.raises(ConsolidationUnavailableError):
        started(table, Machine(reachable=False))
    with pytest.raises(IdempotencyKeyReusedError):
        started(table, machine, "2026-11-21")
    for replayed in (False, True):
        assert started(table, machine) == StartedConsolidation(RUN, replayed)


def test_summary_survives_a_late_confirmation(table: LedgerTable) -> None:
    def start(name: str, _text: str) -> None:
        RunSummaries(table.client, table.name).store(name, {**SUMMARY, "succeeded": True})

    ports = replace(ports_over(table), execution_starter=lambda: start)
    assert not start_closing(ports, PADARIA, closing_request("2026-11-22")).replayed
    run = stored_run(ports, "padaria", RUN)
    assert run is not None
    assert (run.status, run.counts) == ("succeeded", SUMMARY)


@pytest.mark.parametrize("failure", [ConsolidationUnavailableError, KeyboardInterrupt])
def test_run_that_has_ended_confirms_its_request(
    table: LedgerTable, failure: type[BaseException]
) -> None:
    """Step Functions started it, and its response was lost, or the process ended before that."""

    def start(name: str, _text: str) -> None:
        if failure is KeyboardInterrupt:
            RunSummaries(table.client, table.name).store(name, ENDED)
        raise failure("no")

    ports = replace(ports_over(table), execution_starter=lambda: start)
    with pytest.raises(failure):
        start_closing(ports, PADARIA, closing_request("2026-11-22"))
    RunSummaries(table.client, table.name).store(RUN, ENDED)
    machine = Machine()
    for _ in range(2):
        with pytest.raises(IdempotencyKeyReusedError):
            started(table, machine, "2026-11-21")
        assert started(table, machine) == StartedConsolidation(RUN, replayed=True)
    assert machine.started == {}  # Step Functions may have forgotten it
    run = stored_run(ports_over(table, now=NOON + timedelta(days=100)), "padaria", RUN)
    assert run is not None
    assert (run.status, run.counts, run.started_at) == (
        "succeeded",
        SUMMARY,
        NOON.replace(microsecond=0),
    )


def test_run_ended_meanwhile_is_not_started_again(table: LedgerTable, machine: Machine) -> None:
    with pytest.raises(ConsolidationUnavailableError):
        started(table, Machine(reachable=False))
    store = partial(RunSummaries(table.client, table.name).store, RUN, ENDED)
    table.wire.twist("PutItem", after(store))
    assert started(table, machine) == StartedConsolidation(RUN, replayed=True)
    assert machine.started == {}


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-24", "2999-01-01"])
def test_today_and_later_days_are_refused(table: LedgerTable, machine: Machine, day: str) -> None:
    with pytest.raises(ValidationError) as error:
        started(table, machine, day)
    assert [field_error.field for field_error in error.value.field_errors] == ["day"]
    assert (machine.started, table.items()) == ({}, [])


@pytest.mark.parametrize("used_for", ["another day", "an entry"])
def test_key_of_another_request_starts_nothing(
    table: LedgerTable, machine: Machine, used_for: str
) -> None:
    if used_for == "an entry":
        record(ports_over(table), PADARIA, sale("c1"))
    else:
        started(table, machine, "2026-11-21")
    before = dict(machine.started)
    with pytest.raises(IdempotencyKeyReusedError):
        started(table, machine)
    assert machine.started == before


@pytest.mark.parametrize(
    ("days", "summary", "status", "stopped_at"),
    [
        (0, None, "running", None),  # Step Functions may not show a new run yet
        (1, None, "failed", None),
        (100, {**SUMMARY, "succeeded": True}, "succeeded", "2026-11-23T15:01:00.000Z"),
        (100, {**SUMMARY, "succeeded": False}, "failed", "2026-11-23T15:01:00.000Z"),
    ],
)
def test_run_is_readable_for_ever(
    table: LedgerTable,
    days: int,
    summary: dict[str, object] | None,
    status: str,
    stopped_at: str | None,
) -> None:
    started(table, Machine())
    if summary:
        stored = {**summary, "stopped_at": stopped_at}
        RunSummaries(table.client, table.name).store(RUN, stored)
    later = ports_over(table, now=NOON + timedelta(days=days))
    run = stored_run(later, "padaria", RUN)
    counts = SUMMARY if summary else dict.fromkeys(SUMMARY)
    started_at, end = NOON.replace(microsecond=123_000), NOON.replace(minute=1, microsecond=0)
    assert run == StoredRun(RUN, status, started_at, end if summary else None, counts)  # type: ignore[arg-type]
    assert started(table, Machine()).replayed
    for merchant_id, name in (
        ("rival", RUN),
        ("padaria", RUN.replace("22", "21")),
        ("padaria", "x"),
    ):
        assert stored_run(later, merchant_id, name) is None


def test_summary_of_no_request_is_not_stored(table: LedgerTable) -> None:
    RunSummaries(table.client, table.name).store("2026-11-22-0", SUMMARY)
    assert table.items() == []


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
