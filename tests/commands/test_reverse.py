"""Reversing an entry: at most one reversal, and one request per key."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.commands.reverse import ReversalRequest, reverse
from chalicelib.ledger.entries import Entry, reversal_id_of, without_texts
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    IdempotencyKeyReusedError,
    LivroCaixaError,
    NotFoundError,
    ReversalOfReversalError,
)
from chalicelib.storage.dynamodb_items import entry_item
from tests.commands.examples import NOON, PADARIA, RIVAL, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, lost_answer


def test_reversal_is_the_opposite_entry_today(table: LedgerTable, sold: Entry) -> None:
    tomorrow = ports_over(table, now=NOON + timedelta(days=1))
    undone = reverse(tomorrow, PADARIA, reversal(sold.entry_id, "r1")).entry
    assert undone.entry_id == reversal_id_of(sold.entry_id)
    assert (undone.type, undone.amount_minor, undone.currency) == ("debit", 15075, "BRL")
    assert (undone.account, undone.category) == ("bank", "sales")
    assert (undone.description, undone.metadata) == ("Cliente desistiu", {})
    assert (undone.reverses, undone.day) == (sold.entry_id, date(2026, 11, 24))


def test_stored_reversal_equals_the_result(ports: CommandPorts, sold: Entry) -> None:
    undone = reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    assert ports.ledger.read([undone.entry.entry_id]) == {undone.entry.entry_id: undone.stored}


@pytest.mark.parametrize("years", [0, 1, 60])
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


def test_another_key_finds_the_entry_reversed(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    table.wire.calls.clear()
    with pytest.raises(AlreadyReversedError):
        reverse(ports, PADARIA, reversal(sold.entry_id, "r2"))
    assert table.wire.calls == ["BatchGetItem", "BatchGetItem"]


def test_reversal_cannot_be_reversed(ports: CommandPorts, sold: Entry) -> None:
    undone = reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).entry
    with pytest.raises(ReversalOfReversalError):
        reverse(ports, PADARIA, reversal(undone.entry_id, "r2"))


def test_different_reason_under_the_key_is_refused(ports: CommandPorts, sold: Entry) -> None:
    reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    with pytest.raises(IdempotencyKeyReusedError):
        reverse(ports, PADARIA, reversal(sold.entry_id, "r1", reason="Outro motivo"))


def test_key_of_another_reversal_is_refused(ports: CommandPorts, sold: Entry) -> None:
    other = record(ports, PADARIA, sale("other")).entry
    reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    with pytest.raises(IdempotencyKeyReusedError):
        reverse(ports, PADARIA, reversal(other.entry_id, "r1"))


@pytest.mark.parametrize("key", ["sold", "other"])
def test_key_of_an_entry_is_refused(ports: CommandPorts, sold: Entry, key: str) -> None:
    record(ports, PADARIA, sale("other"))
    with pytest.raises(IdempotencyKeyReusedError):
        reverse(ports, PADARIA, reversal(sold.entry_id, key))


def test_other_merchants_entry_is_not_found(ports: CommandPorts, sold: Entry) -> None:
    with pytest.raises(NotFoundError) as of_another:
        reverse(ports, RIVAL, reversal(sold.entry_id, "r1"))
    with pytest.raises(NotFoundError) as of_nobody:
        reverse(ports, RIVAL, reversal("a" * 32, "r1"))
    assert str(of_another.value) == str(of_nobody.value)


@pytest.mark.parametrize("target", ["", "x", "A" * 32, "1" * 32, "\ud800", "a" * 5000])
def test_impossible_id_is_not_read(table: LedgerTable, ports: CommandPorts, target: str) -> None:
    with pytest.raises(NotFoundError):
        reverse(ports, PADARIA, reversal(target, "r1"))
    assert table.wire.calls == []


def test_idempotency_record_is_not_an_entry(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    (key_id,) = (item["entry_id"]["S"] for item in table.items() if item["kind"] == {"S": "key"})
    with pytest.raises(NotFoundError):
        reverse(ports, PADARIA, reversal(key_id, "r2"))


def test_failed_reversal_uses_no_key(ports: CommandPorts, sold: Entry) -> None:
    undone = reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).entry
    for target in (sold.entry_id, undone.entry_id, "a" * 32):
        with pytest.raises(LivroCaixaError):
            reverse(ports, PADARIA, reversal(target, "r2"))
    assert not record(ports, PADARIA, sale("r2")).replayed


def test_untrimmed_reason_is_a_different_body(ports: CommandPorts, sold: Entry) -> None:
    request = reversal(sold.entry_id, "r1")
    reverse(ports, PADARIA, request)
    spaced = ReversalRequest(sold.entry_id, "r1", {"reason": " Cliente desistiu "}, request.reason)
    with pytest.raises(IdempotencyKeyReusedError):
        reverse(ports, PADARIA, spaced)


def test_idempotency_record_has_no_reason(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    (used_key,) = (item for item in table.items() if item["kind"] == {"S": "key"})
    assert not {"text_salt", "request_text_digest", "description"} & set(used_key)


def test_erased_reversal_is_still_replayed(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    first = reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).stored
    erased = replace(first, entry=without_texts(first.entry))
    table.client.put_item(TableName=table.name, Item=entry_item(erased))
    again = reverse(ports, PADARIA, reversal(sold.entry_id, "r1"))
    assert again.replayed
    assert again.entry.description is None


def test_transaction_retried_by_the_client_is_no_replay(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    table.wire.twist("TransactWriteItems", lost_answer)
    assert not reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).replayed
    assert reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).replayed
    assert len(table.items()) == 3
