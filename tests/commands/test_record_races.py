"""Two hundred at once under one key: one entry, and the same answer for everybody."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from chalicelib.commands.record import RecordEntry, RecordResult, record
from chalicelib.ledger.errors import IdempotencyKeyReusedError
from tests.commands.examples import PADARIA, ports_over, sale
from tests.fixtures.ledger_table import LedgerTable

CROWD = 200


def test_two_hundred_requests_make_one_entry_and_equal_answers(ledger_table: LedgerTable) -> None:
    answers = _all_at_once(ledger_table, lambda _: sale("k1"))
    recorded = [answer for answer in answers if isinstance(answer, RecordResult)]
    assert len(recorded) == CROWD
    assert len({answer.entry.text_digest for answer in recorded}) == 1
    assert all(answer.stored == recorded[0].stored for answer in recorded)
    assert [answer.replayed for answer in recorded].count(False) == 1
    assert len(ledger_table.items()) == 1


def test_of_two_bodies_under_one_key_one_wins_and_the_other_is_refused(
    ledger_table: LedgerTable,
) -> None:
    answers = _all_at_once(ledger_table, lambda turn: sale("k1", amount=f"{turn % 2 + 1}.00"))
    won = [answer.entry.amount_minor for answer in answers if isinstance(answer, RecordResult)]
    lost = [answer for answer in answers if isinstance(answer, IdempotencyKeyReusedError)]
    assert (len(won), len(lost)) == (CROWD // 2, CROWD // 2)
    assert len(set(won)) == 1
    assert len(ledger_table.items()) == 1


def _all_at_once(
    table: LedgerTable, asked: Callable[[int], RecordEntry]
) -> list[RecordResult | IdempotencyKeyReusedError]:
    ports = ports_over(table)
    start = threading.Barrier(CROWD)

    def one(turn: int) -> RecordResult | IdempotencyKeyReusedError:
        start.wait()
        try:
            return record(ports, PADARIA, asked(turn))
        except IdempotencyKeyReusedError as error:
            return error

    with ThreadPoolExecutor(CROWD) as crowd:
        return list(crowd.map(one, range(CROWD)))
