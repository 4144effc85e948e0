"""Concurrent requests, over the emulation in this process and over the laptop's emulator."""

from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordResult, record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    IdempotencyKeyReusedError,
)
from local.emulator import start_emulator
from tests.commands.examples import PADARIA, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, Wire, create_entries_table
from tests.fixtures.threads import crowd


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LedgerTable]:
    """The table of the laptop's emulator, over sockets."""
    from botocore.config import Config

    emulator = start_emulator(tmp_path_factory.mktemp("emulator"))
    try:
        client = emulator.client("dynamodb", config=Config(max_pool_connections=64))
        create_entries_table(client)
        yield LedgerTable("entries", client, Wire())
    finally:
        emulator.server.stop()


@pytest.fixture(params=["in process", "emulator"])
def table(request: pytest.FixtureRequest) -> LedgerTable:
    name = "ledger_table" if request.param == "in process" else "emulated"
    table: LedgerTable = request.getfixturevalue(name)
    table.empty()
    return table


def _recorded(outcomes: Sequence[RecordResult | Exception]) -> list[RecordResult]:
    """Return the results; they are of one stored entry, and one of them is no replay."""
    results = [outcome for outcome in outcomes if isinstance(outcome, RecordResult)]
    assert all(result.stored == results[0].stored for result in results)
    assert [result.replayed for result in results].count(False) == 1
    return results


def test_two_hundred_equal_requests_make_one_entry(table: LedgerTable, ports: CommandPorts) -> None:
    outcomes = crowd(200, lambda _: record(ports, PADARIA, sale("k1")))
    assert len(_recorded([*outcomes])) == 200
    assert len(table.items()) == 1


def test_one_of_two_bodies_wins_a_key(table: LedgerTable, ports: CommandPorts) -> None:
    outcomes = crowd(60, lambda turn: record(ports, PADARIA, sale("k1", f"{turn % 2 + 1}.00")))
    assert len(_recorded([*outcomes])) == 30
    assert sum(isinstance(outcome, IdempotencyKeyReusedError) for outcome in outcomes) == 30
    assert len(table.items()) == 1


@pytest.mark.parametrize(("keys", "successes"), [(1, 30), (30, 1)])
def test_concurrent_requests_make_one_reversal(
    table: LedgerTable, ports: CommandPorts, sold: Entry, keys: int, successes: int
) -> None:
    requests = [reversal(sold.entry_id, f"r{turn % keys}") for turn in range(30)]
    outcomes = crowd(30, lambda turn: reverse(ports, PADARIA, requests[turn]))
    results = _recorded(outcomes)
    assert len(results) == successes
    assert sum(isinstance(outcome, AlreadyReversedError) for outcome in outcomes) == 30 - successes
    current = get_entry(ports, "padaria", sold.entry_id)
    assert current.reversed_by == results[0].entry.entry_id
    assert len(table.items()) == 3


def test_entry_and_reversal_never_share_a_key(ports: CommandPorts) -> None:
    for turn in range(10):
        sold = record(ports, PADARIA, sale(f"sold-{turn}")).entry
        key = f"shared-{turn}"
        requests = [
            partial(record, ports, PADARIA, sale(key)),
            partial(reverse, ports, PADARIA, reversal(sold.entry_id, key)),
        ]
        outcomes = crowd(2, partial(_call, requests))
        assert {type(outcome) for outcome in outcomes} == {RecordResult, IdempotencyKeyReusedError}


def _call(requests: list[partial[RecordResult]], turn: int) -> RecordResult:
    return requests[turn]()
