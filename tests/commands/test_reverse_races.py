"""A reversal whose read and transaction see different moments of the ledger."""

from collections.abc import Callable

import pytest

from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordResult, record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import Entry, entry_id, reversal_id_of
from chalicelib.ledger.errors import AlreadyReversedError, IdempotencyKeyReusedError
from tests.commands.examples import PADARIA, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, after, answering, refusing


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
    assert again.replayed
    assert again.stored == first.stored


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
