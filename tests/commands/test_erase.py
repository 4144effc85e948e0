"""Erasing an entry's texts: gone for good, everything else as it was, one key for one request."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chalicelib.commands.erase import ErasurePorts, erase, remember_nothing
from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.commands.record import record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import Entry, content_digest
from chalicelib.ledger.errors import IdempotencyKeyReusedError, NotFoundError
from chalicelib.storage.dynamodb_items import StoredEntry
from tests.commands.examples import PADARIA, RIVAL, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, after, lost_answer

if TYPE_CHECKING:
    import redis

SALE = sale("sold", description="Maria, CPF 123.456.789-09", metadata={"order": "A-17"})


@pytest.fixture
def sold(ledger_table: LedgerTable) -> Entry:
    return record(ports_over(ledger_table), PADARIA, SALE).entry


def erasure_over(table: LedgerTable, memory: IdempotencyCache | None = None) -> ErasurePorts:
    ports = ports_over(table)
    repository = ports.read.__self__  # type: ignore[attr-defined]
    replacing = memory.replace if memory else remember_nothing
    return ErasurePorts(ports.read, repository.erase_texts, replacing)


def test_an_erased_entry_has_no_texts_and_says_all_else_as_before(
    ledger_table: LedgerTable, sold: Entry
) -> None:
    assert erase(erasure_over(ledger_table), PADARIA, sold.entry_id, "e1") is False
    left = get_entry(ports_over(ledger_table), "padaria", sold.entry_id).entry
    assert left == sold._replace(description=None, metadata={}, text_salt=None)
    assert content_digest(left) == content_digest(sold)


def test_nothing_by_which_the_texts_could_be_guessed_is_left(
    ledger_table: LedgerTable, sold: Entry
) -> None:
    erase(erasure_over(ledger_table), PADARIA, sold.entry_id, "e1")
    for item in ledger_table.items():
        texts = {"description", "metadata", "text_salt", "request_text_digest"}
        assert not texts & set(item)
        assert "123.456" not in str(item)


def test_the_reason_of_a_reversal_is_erased_with_it(ledger_table: LedgerTable, sold: Entry) -> None:
    undone = reverse(ports_over(ledger_table), PADARIA, reversal(sold.entry_id, "r1", "Rua Azul"))
    erase(erasure_over(ledger_table), PADARIA, undone.entry.entry_id, "e1")
    assert "Rua Azul" not in str(ledger_table.items())
    again = reverse(ports_over(ledger_table), PADARIA, reversal(sold.entry_id, "r1", "Rua Azul"))
    assert again.replayed and again.entry.description is None


def test_the_same_request_again_is_a_replay_and_another_key_erases_again(
    ledger_table: LedgerTable, sold: Entry
) -> None:
    ports = erasure_over(ledger_table)
    result = [erase(ports, PADARIA, sold.entry_id, key) for key in ("e1", "e1", "e2", "e2", "e1")]
    assert result == [False, True, False, True, True]


def test_one_read_and_one_write_are_all(ledger_table: LedgerTable, sold: Entry) -> None:
    ledger_table.wire.calls.clear()
    erase(erasure_over(ledger_table), PADARIA, sold.entry_id, "e1")
    assert ledger_table.wire.calls == ["BatchGetItem", "TransactWriteItems"]


@pytest.mark.parametrize("key", ["sold", "r1", "e-other"])
def test_a_key_that_stands_for_something_else_is_refused(
    ledger_table: LedgerTable, sold: Entry, key: str
) -> None:
    undone = reverse(ports_over(ledger_table), PADARIA, reversal(sold.entry_id, "r1")).entry
    ports = erasure_over(ledger_table)
    erase(ports, PADARIA, undone.entry_id, "e-other")
    with pytest.raises(IdempotencyKeyReusedError):
        erase(ports, PADARIA, sold.entry_id, key)
    assert get_entry(ports_over(ledger_table), "padaria", sold.entry_id).entry == sold


def test_a_key_used_by_an_erasure_records_nothing(ledger_table: LedgerTable, sold: Entry) -> None:
    erase(erasure_over(ledger_table), PADARIA, sold.entry_id, "e1")
    with pytest.raises(IdempotencyKeyReusedError):
        record(ports_over(ledger_table), PADARIA, sale("e1"))


def test_a_key_taken_in_the_same_moment_is_refused_and_erases_nothing(
    ledger_table: LedgerTable, sold: Entry
) -> None:
    racing = after(lambda: record(ports_over(ledger_table), PADARIA, sale("e1")))
    ledger_table.wire.twist("TransactWriteItems", racing)
    with pytest.raises(IdempotencyKeyReusedError):
        erase(erasure_over(ledger_table), PADARIA, sold.entry_id, "e1")
    assert get_entry(ports_over(ledger_table), "padaria", sold.entry_id).entry == sold


def test_an_erasure_whose_answer_was_lost_is_done(ledger_table: LedgerTable, sold: Entry) -> None:
    ledger_table.wire.twist("TransactWriteItems", lost_answer)
    erase(erasure_over(ledger_table), PADARIA, sold.entry_id, "e1")
    assert get_entry(ports_over(ledger_table), "padaria", sold.entry_id).entry.description is None


@pytest.mark.parametrize("target", ["", "a" * 32, "the rival's", "the key's"])
def test_what_is_no_entry_of_the_merchant_is_not_found(
    ledger_table: LedgerTable, sold: Entry, target: str
) -> None:
    theirs = record(ports_over(ledger_table), RIVAL, SALE).entry
    erase(erasure_over(ledger_table), PADARIA, sold.entry_id, "e1")
    key_item = next(item for item in ledger_table.items() if item["kind"]["S"] == "key")
    ids = {"the rival's": theirs.entry_id, "the key's": key_item["entry_id"]["S"]}
    with pytest.raises(NotFoundError):
        erase(erasure_over(ledger_table), PADARIA, ids.get(target, target), "e2")
    assert get_entry(ports_over(ledger_table), "rival", theirs.entry_id).entry == theirs
    assert len(ledger_table.items()) == 3


def test_a_replay_of_the_first_post_is_known_by_what_is_left(
    ledger_table: LedgerTable, sold: Entry
) -> None:
    erase(erasure_over(ledger_table), PADARIA, sold.entry_id, "e1")
    again = record(ports_over(ledger_table), PADARIA, SALE)
    assert again.replayed and again.entry.description is None
    with pytest.raises(IdempotencyKeyReusedError):
        record(ports_over(ledger_table), PADARIA, sale("sold", "150.76"))


def test_what_the_memory_holds_is_replaced_by_what_is_left(
    ledger_table: LedgerTable, sold: Entry
) -> None:
    replaced: list[StoredEntry] = []
    ports = replace(erasure_over(ledger_table), replace=replaced.append)
    for _ in range(2):
        erase(ports, PADARIA, sold.entry_id, "e1")
    assert [one.entry.description for one in replaced] == [None, None]
    assert [one.fingerprint.texts for one in replaced] == [None, None]


def test_who_read_the_texts_before_cannot_remember_them_afterwards(
    ledger_table: LedgerTable, sold: Entry, fast_redis: "redis.Redis"
) -> None:
    memory = IdempotencyCache(fast_redis)
    read_before = ports_over(ledger_table).read([sold.entry_id])[sold.entry_id]
    assert isinstance(read_before, StoredEntry)
    memory.remember([read_before])
    erase(erasure_over(ledger_table, memory), PADARIA, sold.entry_id, "e1")
    memory.remember([read_before])
    (kept,) = memory.recall("padaria", [sold.entry_id]).values()
    assert (kept.entry.description, kept.entry.text_salt) == (None, None)
    assert record(ports_over(ledger_table, memory), PADARIA, SALE).entry.description is None
