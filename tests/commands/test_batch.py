"""A batch: each item is recorded independently, and the outcomes are in order."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.commands.batch import Outcome, record_batch
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordResult
from chalicelib.ledger.errors import (
    FieldError,
    IdempotencyKeyReusedError,
    LedgerUnavailableError,
    ValidationError,
)
from tests.commands.examples import NOON, PADARIA, ports_over, sale
from tests.fixtures.ledger_table import LedgerTable, refusing, unreachable

FAULTY = ValidationError("amount must be above zero.", [FieldError("amount", "must be above zero")])


def results(outcomes: Sequence[Outcome]) -> list[RecordResult]:
    """Return outcomes that are all of recorded entries."""
    recorded = [outcome for outcome in outcomes if isinstance(outcome, RecordResult)]
    assert recorded == outcomes
    return recorded


def test_outcomes_are_in_the_order_sent(table: LedgerTable, ports: CommandPorts) -> None:
    request = [sale(f"k{turn}", amount=f"{turn + 1}.00") for turn in range(100)]
    recorded = results(record_batch(ports, PADARIA, request))
    assert [result.entry.amount_minor for result in recorded] == [100 * n for n in range(1, 101)]
    assert not any(result.replayed for result in recorded)
    assert len({result.entry.recorded_at for result in recorded}) == 1
    assert len({result.entry.text_salt for result in recorded}) == 100
    assert table.wire.calls == ["PutItem"] * 100


def test_invalid_items_call_no_store(table: LedgerTable, ports: CommandPorts) -> None:
    assert record_batch(ports, PADARIA, []) == []
    assert record_batch(ports, PADARIA, [FAULTY] * 3) == [FAULTY] * 3
    assert table.wire.calls == []


def test_repeated_key_in_a_batch_replays(table: LedgerTable, ports: CommandPorts) -> None:
    request = [sale("k1"), sale("k2"), sale("k1"), sale("k1")]
    recorded = results(record_batch(ports, PADARIA, request))
    assert [result.replayed for result in recorded] == [False, False, True, True]
    assert recorded[0].stored == recorded[2].stored == recorded[3].stored
    assert len(table.items()) == 2


def test_first_body_of_a_repeated_key_wins(ports: CommandPorts) -> None:
    for turn in range(10):
        request = [sale(f"k{turn}", amount=f"{reais}.00") for reais in range(1, 6)]
        first, *others = record_batch(ports, PADARIA, request)
        assert results([first])[0].entry.amount_minor == 100
        assert all(isinstance(outcome, IdempotencyKeyReusedError) for outcome in others)


def test_failed_item_leaves_its_key_unused(ports: CommandPorts) -> None:
    request = [sale("k1", occurred_at="2031-01-01T00:00:00Z"), sale("k1")]
    refused, recorded = record_batch(ports, PADARIA, request)
    assert isinstance(refused, ValidationError)
    assert not results([recorded])[0].replayed


def test_one_failure_of_the_ledger_fails_one_item(table: LedgerTable) -> None:
    table.wire.twist("PutItem", unreachable, refusing("ThrottlingException"))
    ports = ports_over(table, client=table.client_of_one_try())
    outcomes = record_batch(ports, PADARIA, [sale(f"k{turn}") for turn in range(10)])
    assert sum(isinstance(outcome, LedgerUnavailableError) for outcome in outcomes) == 2
    assert len(table.items()) == 8


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
