"""Concurrent requests: crowds, and reversals whose read and write see different moments."""

from collections.abc import Callable, Sequence

import pytest

from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordResult, record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import Entry, entry_id, reversal_id_of
from chalicelib.ledger.errors import AlreadyReversedError, IdempotencyKeyReusedError
from tests.commands.examples import PADARIA, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, after, answering, refusing
from tests.fixtures.threads import crowd


def _recorded(outcomes: Sequence[RecordResult | Exception]) -> list[RecordResult]:
    """Return the results; they are of one stored entry, and one of them is no replay."""
    results = [outcome for outcome in outcomes if isinstance(outcome, RecordResult)]
    assert all(result.stored == results[0].stored for result in results)
    assert [result.replayed for result in results].count(False) == 1
    return results


def test_one_of_two_bodies_wins_a_key(table: LedgerTable, ports: CommandPorts) -> None:
    outcomes = crowd(60, lambda turn: record(ports, PADARIA, sale("k1", f"{turn % 2 + 1}.00")))
    assert len(_recorded(outcomes)) == 30
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


def test_entry_and_reversal_never_share_a_key(ports: CommandPorts, sold: Entry) -> None:
    def call(turn: int) -> RecordResult:
        if turn:
            return record(ports, PADARIA, sale("shared"))
        return reverse(ports, PADARIA, reversal(sold.entry_id, "shared"))

    outcomes = {type(outcome) for outcome in crowd(2, call)}
    assert outcomes == {RecordResult, IdempotencyKeyReusedError}


def test_another_key_may_win_after_the_read(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    _first(table, lambda: reverse(ports, PADARIA, reversal(sold.entry_id, "r1")))
    with pytest.raises(AlreadyReversedError):
        reverse(ports, PADARIA, reversal(sold.entry_id, "r2"))
    assert not record(ports, PADARIA, sale("r2")).replayed


def test_same_request_may_win_after_the_read(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    request = reversal(sold.entry_id, "r1")
    winners: list[RecordResult] = []
    _first(table, lambda: winners.append(reverse(ports, PADARIA, request)))
    second = reverse(ports, PADARIA, request)
    assert (second.stored, second.replayed) == (winners[0].stored, True)


@pytest.mark.parametrize("rival", ["an entry", "another target", "another reason"])
def test_key_may_be_used_after_the_read(
    table: LedgerTable, ports: CommandPorts, sold: Entry, rival: str
) -> None:
    other = record(ports, PADARIA, sale("other")).entry
    uses: dict[str, Callable[[], object]] = {
        "an entry": lambda: record(ports, PADARIA, sale("r1")),
        "another target": lambda: reverse(ports, PADARIA, reversal(other.entry_id, "r1")),
        "another reason": lambda: reverse(ports, PADARIA, reversal(sold.entry_id, "r1", "Erro")),
    }
    _first(table, uses[rival])
    with pytest.raises(IdempotencyKeyReusedError):
        reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    ids = {item["entry_id"]["S"] for item in table.items()}
    assert (reversal_id_of(sold.entry_id) in ids) == (rival == "another reason")


@pytest.mark.parametrize("unseen", ["reversal", "key"])
def test_half_visible_reversal_is_a_replay(
    table: LedgerTable, ports: CommandPorts, sold: Entry, unseen: str
) -> None:
    # A batch read is not a snapshot: each of its items is of another moment.
    request = reversal(sold.entry_id, "r1")
    first = reverse(ports, PADARIA, request)
    ids = {"reversal": first.entry.entry_id, "key": entry_id("padaria", "r1")}
    half_visible = [item for item in table.items() if item["entry_id"]["S"] != ids[unseen]]
    table.wire.twist("BatchGetItem", answering({"Responses": {"entries": half_visible}}))
    again = reverse(ports, PADARIA, request)
    assert (again.stored, again.replayed) == (first.stored, True)


def test_conflicting_transaction_is_tried_again(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    reasons = [{"Code": "TransactionConflict"}, {"Code": "None"}]
    conflict = refusing("TransactionCanceledException", CancellationReasons=reasons)
    table.wire.twist("TransactWriteItems", *[conflict] * 3)
    assert not reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).replayed
    assert table.wire.calls.count("TransactWriteItems") == 4


def _first(table: LedgerTable, action: Callable[[], object]) -> None:
    """Do this between the read and the transaction of the next reversal."""
    table.wire.twist("TransactWriteItems", after(action))
