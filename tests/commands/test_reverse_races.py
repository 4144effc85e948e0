"""Two reversals at once: exactly one wins; what the loser hears depends on its key."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from chalicelib.commands.record import RecordResult, record
from chalicelib.commands.reverse import ReversalRequest, reverse
from chalicelib.ledger.entries import Entry, entry_id, reversal_id_of
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    IdempotencyKeyReusedError,
    LivroCaixaError,
)
from tests.commands.examples import PADARIA, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, after, answering, refusing

CROWD = 50


@pytest.fixture
def sold(ledger_table: LedgerTable) -> Entry:
    """An entry of the bakery's, under the key "sold"."""
    return record(ports_over(ledger_table), PADARIA, sale("sold")).entry


def test_between_read_and_transaction_another_key_may_win(
    ledger_table: LedgerTable, sold: Entry
) -> None:
    ports = ports_over(ledger_table)
    _first(ledger_table, lambda: reverse(ports, PADARIA, reversal(sold.entry_id, "r1")))
    with pytest.raises(AlreadyReversedError):
        reverse(ports, PADARIA, reversal(sold.entry_id, "r2"))
    assert not record(ports, PADARIA, sale("r2")).replayed


def test_between_read_and_transaction_the_same_request_may_win(
    ledger_table: LedgerTable, sold: Entry
) -> None:
    ports, request = ports_over(ledger_table), reversal(sold.entry_id, "r1")
    winners: list[RecordResult] = []
    _first(ledger_table, lambda: winners.append(reverse(ports, PADARIA, request)))
    second = reverse(ports, PADARIA, request)
    assert second.replayed
    assert second.stored == winners[0].stored


@pytest.mark.parametrize("rival", ["an entry", "another target", "another reason"])
def test_between_read_and_transaction_the_key_may_be_used_for_something_else(
    ledger_table: LedgerTable, sold: Entry, rival: str
) -> None:
    ports = ports_over(ledger_table)
    other = record(ports, PADARIA, sale("other")).entry
    uses: dict[str, Callable[[], object]] = {
        "an entry": lambda: record(ports, PADARIA, sale("r1")),
        "another target": lambda: reverse(ports, PADARIA, reversal(other.entry_id, "r1")),
        "another reason": lambda: reverse(ports, PADARIA, reversal(sold.entry_id, "r1", "Erro")),
    }
    _first(ledger_table, uses[rival])
    with pytest.raises(IdempotencyKeyReusedError):
        reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    assert (reversal_id_of(sold.entry_id) in _ids(ledger_table)) == (rival == "another reason")


@pytest.mark.parametrize("unseen", ["reversal", "key"])
def test_a_key_and_its_reversal_that_are_not_seen_together_are_a_replay_all_the_same(
    ledger_table: LedgerTable, sold: Entry, unseen: str
) -> None:
    # A batch read is no snapshot: each item is as of a moment of its own.
    ports, request = ports_over(ledger_table), reversal(sold.entry_id, "r1")
    first = reverse(ports, PADARIA, request)
    ids = {"reversal": first.entry.entry_id, "key": entry_id("padaria", "r1")}
    half_visible = [item for item in ledger_table.items() if item["entry_id"]["S"] != ids[unseen]]
    ledger_table.wire.twist("BatchGetItem", answering({"Responses": {"entries": half_visible}}))
    again = reverse(ports, PADARIA, request)
    assert again.replayed
    assert again.stored == first.stored


def test_a_conflict_is_tried_again(ledger_table: LedgerTable, sold: Entry) -> None:
    ports = ports_over(ledger_table)
    ledger_table.wire.twist("TransactWriteItems", *[_conflict()] * 3)
    assert not reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).replayed
    assert ledger_table.wire.calls.count("TransactWriteItems") == 4


@pytest.mark.parametrize("one_key", [True, False])
def test_of_a_crowd_exactly_one_wins(ledger_table: LedgerTable, sold: Entry, one_key: bool) -> None:
    def asked(turn: int) -> ReversalRequest:
        return reversal(sold.entry_id, "r1" if one_key else f"r{turn}")

    answers = _all_at_once(ledger_table, asked)
    recorded = [answer for answer in answers if isinstance(answer, RecordResult)]
    assert [answer.replayed for answer in recorded].count(False) == 1
    assert len(recorded) == (CROWD if one_key else 1)
    assert all(answer.stored == recorded[0].stored for answer in recorded)
    refused = [answer for answer in answers if not isinstance(answer, RecordResult)]
    assert all(isinstance(answer, AlreadyReversedError) for answer in refused)
    assert len(ledger_table.items()) == 3


def test_an_entry_and_a_reversal_under_one_key_are_never_both(ledger_table: LedgerTable) -> None:
    ports = ports_over(ledger_table)
    for turn in range(20):
        target = record(ports, PADARIA, sale(f"target-{turn}")).entry
        with ThreadPoolExecutor(2) as pair:
            request = (sale(f"k{turn}"), reversal(target.entry_id, f"k{turn}"))
            entry = pair.submit(_told, partial(record, ports, PADARIA, request[0]))
            undone = pair.submit(_told, partial(reverse, ports, PADARIA, request[1]))
        kinds = {type(entry.result()), type(undone.result())}
        assert kinds == {RecordResult, IdempotencyKeyReusedError}
        assert entry_id("padaria", f"k{turn}") in _ids(ledger_table)


def _first(table: LedgerTable, action: Callable[[], object]) -> None:
    table.wire.twist("TransactWriteItems", after(action))


def _conflict() -> Callable[..., object]:
    reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
    return refusing("TransactionCanceledException", CancellationReasons=reasons)


def _ids(table: LedgerTable) -> set[str]:
    return {item["entry_id"]["S"] for item in table.items()}


def _told(command: Callable[[], RecordResult]) -> RecordResult | LivroCaixaError:
    try:
        return command()
    except LivroCaixaError as error:
        return error


def _all_at_once(
    table: LedgerTable, asked: Callable[[int], ReversalRequest]
) -> list[RecordResult | LivroCaixaError]:
    ports = ports_over(table)
    start = threading.Barrier(CROWD)

    def one(turn: int) -> RecordResult | LivroCaixaError:
        start.wait()
        return _told(lambda: reverse(ports, PADARIA, asked(turn)))

    with ThreadPoolExecutor(CROWD) as crowd:
        return list(crowd.map(one, range(CROWD)))
