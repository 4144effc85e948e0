"""A batch: each item is recorded independently, and the outcomes are in order."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.commands.batch import Outcome, record_batch
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordResult, record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.errors import (
    FieldError,
    IdempotencyKeyReusedError,
    LedgerUnavailableError,
    ValidationError,
)
from tests.commands.examples import NOON, PADARIA, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, refusing, unreachable

FAULTY = ValidationError("amount must be above zero.", [FieldError("amount", "must be above zero")])


def test_outcomes_are_in_the_order_sent(table: LedgerTable, ports: CommandPorts) -> None:
    request = [sale(f"k{turn}", amount=f"{turn + 1}.00") for turn in range(100)]
    outcomes = record_batch(ports, PADARIA, request)
    assert [_amount(outcome) for outcome in outcomes] == [100 * (n + 1) for n in range(100)]
    assert not any(_replayed(outcome) for outcome in outcomes)
    assert table.wire.calls == ["PutItem"] * 100


def test_empty_batch_has_no_outcomes(ports: CommandPorts) -> None:
    assert record_batch(ports, PADARIA, []) == []


def test_invalid_item_stops_no_other_item(table: LedgerTable, ports: CommandPorts) -> None:
    outcomes = record_batch(ports, PADARIA, [sale("k1"), FAULTY, sale("k2")])
    assert outcomes[1] is FAULTY
    assert isinstance(outcomes[0], RecordResult)
    assert isinstance(outcomes[2], RecordResult)
    assert len(table.items()) == 2


def test_invalid_items_call_no_store(table: LedgerTable, ports: CommandPorts) -> None:
    assert record_batch(ports, PADARIA, [FAULTY] * 3) == [FAULTY] * 3
    assert table.wire.calls == []


def test_repeated_key_in_a_batch_replays(table: LedgerTable, ports: CommandPorts) -> None:
    request = [sale("k1"), sale("k2"), sale("k1"), sale("k1")]
    outcomes = record_batch(ports, PADARIA, request)
    assert [_replayed(outcome) for outcome in outcomes] == [False, False, True, True]
    assert _entry_id(outcomes[0]) == _entry_id(outcomes[2]) == _entry_id(outcomes[3])
    assert len(table.items()) == 2


def test_first_body_of_a_repeated_key_wins(ports: CommandPorts) -> None:
    for turn in range(10):
        request = [sale(f"k{turn}", amount=f"{reais}.00") for reais in range(1, 6)]
        outcomes = record_batch(ports, PADARIA, request)
        assert _amount(outcomes[0]) == 100
        assert all(isinstance(outcome, IdempotencyKeyReusedError) for outcome in outcomes[1:])


def test_failed_item_leaves_its_key_unused(ports: CommandPorts) -> None:
    request = [sale("k1", occurred_at="2031-01-01T00:00:00Z"), sale("k1")]
    refused, recorded = record_batch(ports, PADARIA, request)
    assert isinstance(refused, ValidationError)
    assert not _replayed(recorded)


def test_item_and_single_post_are_equal_requests(ports: CommandPorts) -> None:
    record(ports, PADARIA, sale("k1"))
    (again,) = record_batch(ports, PADARIA, [sale("k1")])
    assert _replayed(again)
    record_batch(ports, PADARIA, [sale("k2")])
    assert record(ports, PADARIA, sale("k2")).replayed


def test_key_of_a_reversal_is_refused(ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, sale("k1")).entry
    reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    outcomes = record_batch(ports, PADARIA, [sale("r1"), sale("k2")])
    assert isinstance(outcomes[0], IdempotencyKeyReusedError)
    assert isinstance(outcomes[1], RecordResult)


def test_entries_share_the_moment_and_no_salt(ports: CommandPorts) -> None:
    request = [sale(f"k{turn}") for turn in range(20)]
    outcomes = record_batch(ports, PADARIA, request)
    entries = [outcome.entry for outcome in outcomes if isinstance(outcome, RecordResult)]
    assert len({entry.recorded_at for entry in entries}) == 1
    assert len({entry.text_salt for entry in entries}) == 20


def test_one_failure_of_the_ledger_fails_one_item(table: LedgerTable) -> None:
    table.wire.twist("PutItem", unreachable, refusing("ThrottlingException"))
    ports = ports_over(table, client=table.client_of_one_try())
    outcomes = record_batch(ports, PADARIA, [sale(f"k{turn}") for turn in range(10)])
    unavailable = [outcome for outcome in outcomes if isinstance(outcome, LedgerUnavailableError)]
    assert len(unavailable) == 2
    assert len(table.items()) == 8


def test_bug_is_not_an_outcome(table: LedgerTable, ports: CommandPorts) -> None:
    from botocore.exceptions import ClientError

    table.wire.twist("PutItem", refusing("ValidationException"))
    with pytest.raises(ClientError):
        record_batch(ports, PADARIA, [sale("k1"), sale("k2")])


def test_items_are_not_started_too_late(table: LedgerTable) -> None:
    moments = iter([NOON + timedelta(seconds=passed) for passed in (0, 0, 15, 16)])
    ports = replace(ports_over(table), clock=lambda: next(moments))
    outcomes = record_batch(ports, PADARIA, [sale(f"k{turn}") for turn in range(3)], workers=1)
    assert isinstance(outcomes[2], LedgerUnavailableError)
    assert len(table.items()) == 2


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_at_most_the_workers_run_concurrently(table: LedgerTable, workers: int) -> None:
    threads: set[int] = set()

    def clock() -> datetime:
        threads.add(threading.get_ident())
        return NOON

    ports = replace(ports_over(table), clock=clock)
    record_batch(ports, PADARIA, [sale(f"k{turn}") for turn in range(60)], workers)
    items_threads = threads - {threading.get_ident()}
    assert len(items_threads) <= (workers if workers > 1 else 0)


def _amount(outcome: Outcome) -> int:
    assert isinstance(outcome, RecordResult)
    return outcome.entry.amount_minor


def _entry_id(outcome: Outcome) -> str:
    assert isinstance(outcome, RecordResult)
    return outcome.entry.entry_id


def _replayed(outcome: Outcome) -> bool:
    assert isinstance(outcome, RecordResult)
    return outcome.replayed
