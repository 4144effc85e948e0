"""The races again, over sockets, against the laptop cloud's own emulation of the table."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordResult, record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    IdempotencyKeyReusedError,
    LivroCaixaError,
)
from local.emulator import start_emulator
from tests.commands.examples import PADARIA, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, Wire, create_entries_table

Answer = RecordResult | LivroCaixaError


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandPorts]:
    """The write side over the laptop cloud's emulator."""
    from botocore.config import Config

    emulator = start_emulator(tmp_path_factory.mktemp("emulator"))
    try:
        client = emulator.client("dynamodb", config=Config(max_pool_connections=64))
        create_entries_table(client)
        yield ports_over(LedgerTable("entries", client, Wire()))
    finally:
        emulator.server.stop()


def test_two_hundred_requests_under_one_key_make_one_entry(ports: CommandPorts) -> None:
    answers = _crowd(200, lambda _: record(ports, PADARIA, sale("crowd")))
    recorded = [answer for answer in answers if isinstance(answer, RecordResult)]
    assert len(recorded) == 200
    assert all(answer.stored == recorded[0].stored for answer in recorded)
    assert [answer.replayed for answer in recorded].count(False) == 1


def test_of_two_bodies_under_one_key_one_wins(ports: CommandPorts) -> None:
    answers = _crowd(60, lambda turn: record(ports, PADARIA, sale("two", f"{turn % 2 + 1}.00")))
    won = [answer.entry.amount_minor for answer in answers if isinstance(answer, RecordResult)]
    assert (len(won), len(set(won))) == (30, 1)
    assert sum(isinstance(answer, IdempotencyKeyReusedError) for answer in answers) == 30


def test_one_request_to_reverse_sent_many_times_at_once_is_one_reversal(
    ports: CommandPorts,
) -> None:
    sold = record(ports, PADARIA, sale("sold once")).entry
    request = reversal(sold.entry_id, "undo once")
    answers = _crowd(30, lambda _: reverse(ports, PADARIA, request))
    recorded = [answer for answer in answers if isinstance(answer, RecordResult)]
    assert len(recorded) == 30
    assert [answer.replayed for answer in recorded].count(False) == 1
    result = get_entry(ports, "padaria", sold.entry_id)
    assert result.reversed_by == recorded[0].entry.entry_id


def test_of_many_keys_that_reverse_one_entry_one_wins(ports: CommandPorts) -> None:
    sold = record(ports, PADARIA, sale("sold to many")).entry
    answers = _crowd(
        30, lambda turn: reverse(ports, PADARIA, reversal(sold.entry_id, f"many-{turn}"))
    )
    assert sum(isinstance(answer, RecordResult) for answer in answers) == 1
    assert sum(isinstance(answer, AlreadyReversedError) for answer in answers) == 29


def test_an_entry_and_a_reversal_at_once_share_no_key(ports: CommandPorts) -> None:
    for turn in range(10):
        sold = record(ports, PADARIA, sale(f"sold-{turn}")).entry
        works = [
            partial(record, ports, PADARIA, sale(f"shared-{turn}")),
            partial(reverse, ports, PADARIA, reversal(sold.entry_id, f"shared-{turn}")),
        ]
        answers = _crowd(2, partial(_run_one, works))
        assert {type(answer) for answer in answers} == {RecordResult, IdempotencyKeyReusedError}


def _run_one(works: list[partial[RecordResult]], which: int) -> RecordResult:
    return works[which]()


def _crowd(size: int, work: Callable[[int], RecordResult]) -> list[Answer]:
    start = threading.Barrier(size)

    def one(turn: int) -> Answer:
        start.wait()
        try:
            return work(turn)
        except LivroCaixaError as error:
            return error

    with ThreadPoolExecutor(size) as crowd:
        return list(crowd.map(one, range(size)))
