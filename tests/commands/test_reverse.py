"""Reversing an entry: at most one reversal, and one request per key."""

from datetime import date, timedelta

import pytest

from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.commands.reverse import ReversalRequest, reverse
from chalicelib.ledger.entries import Entry, entry_id, reversal_id_of
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    IdempotencyKeyReusedError,
    NotFoundError,
    ReversalOfReversalError,
)
from infrastructure.cost.capacity import write_units
from tests.commands.examples import NOON, PADARIA, RIVAL, SOLD, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, lost_answer


def test_reversal_is_the_opposite_entry_today(table: LedgerTable, sold: Entry) -> None:
    tomorrow = ports_over(table, now=NOON + timedelta(days=1))
    table.wire.calls.clear()
    result = reverse(tomorrow, PADARIA, reversal(sold.entry_id, "r1"))
    assert table.wire.calls == ["BatchGetItem", "TransactWriteItems"]
    assert len(table.wire.requests[-1]["TransactItems"]) == 2
    undone = result.entry
    assert undone.entry_id == reversal_id_of(sold.entry_id)
    assert (undone.type, undone.amount_minor, undone.currency) == ("debit", 15075, "BRL")
    assert (undone.account, undone.category) == ("bank", "sales")
    assert (undone.description, undone.metadata) == ("Cliente desistiu", {})
    assert (undone.reverses, undone.day) == (sold.entry_id, date(2026, 11, 24))
    assert tomorrow.ledger.read([undone.entry_id]) == {undone.entry_id: result.stored}
    (used_key,) = (item for item in table.items() if item["kind"] == {"S": "key"})
    assert not {"text_salt", "request_text_digest", "description"} & set(used_key)
    assert write_units(used_key) == 1


@pytest.mark.parametrize("years", [0, 60])
def test_replay_returns_the_first_result_forever(
    table: LedgerTable, ports: CommandPorts, sold: Entry, years: int
) -> None:
    request = reversal(sold.entry_id, "r1")
    first = reverse(ports, PADARIA, request)
    later = ports_over(table, now=NOON + timedelta(days=366 * years, hours=1))
    again = reverse(later, PADARIA, request)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.stored == first.stored
    assert len(table.items()) == 3


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("the entry", AlreadyReversedError),
        ("its reversal", ReversalOfReversalError),
        ("its key", NotFoundError),
        ("another merchant's", NotFoundError),
        ("a" * 32, NotFoundError),
    ],
)
def test_refused_reversal_uses_no_key(
    table: LedgerTable, ports: CommandPorts, sold: Entry, target: str, error: type[Exception]
) -> None:
    undone = reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).entry
    theirs = record(ports, RIVAL, SOLD).entry
    ids = {"the entry": sold.entry_id, "its reversal": undone.entry_id}
    ids |= {"its key": entry_id("padaria", "r1"), "another merchant's": theirs.entry_id}
    table.wire.calls.clear()
    with pytest.raises(error):
        reverse(ports, PADARIA, reversal(ids.get(target, target), "r2"))
    assert set(table.wire.calls) == {"BatchGetItem"}
    assert not record(ports, PADARIA, sale("r2")).replayed


@pytest.mark.parametrize(
    ("key", "target_key", "sent"),
    [
        ("r1", "sold", "Outro motivo"),
        ("r1", "sold", " Cliente desistiu "),
        ("r1", "other", "Cliente desistiu"),
        ("sold", "sold", "Cliente desistiu"),
        ("other", "sold", "Cliente desistiu"),
    ],
)
def test_key_of_another_request_is_refused(
    ports: CommandPorts, sold: Entry, key: str, target_key: str, sent: str
) -> None:
    record(ports, PADARIA, sale("other"))
    reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    target_id = entry_id("padaria", target_key)
    request = ReversalRequest(target_id, key, {"reason": sent}, "Cliente desistiu")
    with pytest.raises(IdempotencyKeyReusedError):
        reverse(ports, PADARIA, request)


def test_transaction_retried_by_the_client_is_no_replay(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    table.wire.twist("TransactWriteItems", lost_answer)
    assert not reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).replayed
    assert reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).replayed
    assert len(table.items()) == 3
