"""Erasing an entry's texts: they are gone for good, and everything else stays as it was."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chalicelib.commands.erase import erase
from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import Entry, content_digest
from chalicelib.ledger.errors import IdempotencyKeyReusedError, NotFoundError
from chalicelib.storage.dynamodb_items import StoredEntry
from tests.commands.examples import PADARIA, RIVAL, SOLD, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, after, lost_answer

if TYPE_CHECKING:
    import redis


def test_only_the_texts_are_erased(table: LedgerTable, ports: CommandPorts, sold: Entry) -> None:
    table.wire.calls.clear()
    assert erase(ports, PADARIA, sold.entry_id, "e1") is False
    assert table.wire.calls == ["BatchGetItem", "TransactWriteItems"]
    erased = get_entry(ports, "padaria", sold.entry_id).entry
    assert erased == sold._replace(description=None, metadata={}, text_salt=None)
    assert content_digest(erased) == content_digest(sold)
    for item in table.items():
        assert not {"description", "metadata", "text_salt", "request_text_digest"} & set(item)
        assert "123.456" not in str(item)


def test_reason_of_a_reversal_is_erased(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    request = reversal(sold.entry_id, "r1", "Rua Azul")
    undone = reverse(ports, PADARIA, request)
    erase(ports, PADARIA, undone.entry.entry_id, "e1")
    assert "Rua Azul" not in str(table.items())
    again = reverse(ports, PADARIA, request)
    assert again.replayed and again.entry.description is None


def test_same_key_replays_and_another_erases_again(ports: CommandPorts, sold: Entry) -> None:
    keys = ("e1", "e1", "e2", "e2", "e1")
    replayed = [erase(ports, PADARIA, sold.entry_id, key) for key in keys]
    assert replayed == [False, True, False, True, True]


@pytest.mark.parametrize("key", ["sold", "r1", "e-other"])
def test_key_of_another_request_is_refused(ports: CommandPorts, sold: Entry, key: str) -> None:
    undone = reverse(ports, PADARIA, reversal(sold.entry_id, "r1")).entry
    erase(ports, PADARIA, undone.entry_id, "e-other")
    with pytest.raises(IdempotencyKeyReusedError):
        erase(ports, PADARIA, sold.entry_id, key)
    with pytest.raises(IdempotencyKeyReusedError):
        record(ports, PADARIA, sale("e-other"))
    assert get_entry(ports, "padaria", sold.entry_id).entry == sold


def test_key_used_concurrently_erases_nothing(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    table.wire.twist("TransactWriteItems", after(lambda: record(ports, PADARIA, sale("e1"))))
    with pytest.raises(IdempotencyKeyReusedError):
        erase(ports, PADARIA, sold.entry_id, "e1")
    assert get_entry(ports, "padaria", sold.entry_id).entry == sold


def test_erasure_with_a_lost_response_is_done(
    table: LedgerTable, ports: CommandPorts, sold: Entry
) -> None:
    table.wire.twist("TransactWriteItems", lost_answer)
    assert erase(ports, PADARIA, sold.entry_id, "e1") is False
    assert get_entry(ports, "padaria", sold.entry_id).entry.description is None


@pytest.mark.parametrize("target", ["", "a" * 32, "another merchant's", "a key's"])
def test_erasing_an_unknown_entry_changes_nothing(
    table: LedgerTable, ports: CommandPorts, sold: Entry, target: str
) -> None:
    theirs = record(ports, RIVAL, SOLD).entry
    erase(ports, PADARIA, sold.entry_id, "e1")
    key_item = next(item for item in table.items() if item["kind"]["S"] == "key")
    ids = {"another merchant's": theirs.entry_id, "a key's": key_item["entry_id"]["S"]}
    with pytest.raises(NotFoundError):
        erase(ports, PADARIA, ids.get(target, target), "e2")
    assert get_entry(ports, "rival", theirs.entry_id).entry == theirs
    assert len(table.items()) == 3


def test_erased_entry_still_recognises_its_replay(ports: CommandPorts, sold: Entry) -> None:
    erase(ports, PADARIA, sold.entry_id, "e1")
    again = record(ports, PADARIA, SOLD)
    assert again.replayed and again.entry.description is None
    with pytest.raises(IdempotencyKeyReusedError):
        record(ports, PADARIA, replace(SOLD, body={**SOLD.body, "amount": "150.76"}))


def test_concurrent_reader_cannot_cache_erased_texts(
    table: LedgerTable, ports: CommandPorts, sold: Entry, fast_redis: "redis.Redis"
) -> None:
    cache = IdempotencyCache(fast_redis, "entries")
    read_before = ports.ledger.read([sold.entry_id])[sold.entry_id]
    assert isinstance(read_before, StoredEntry)
    cache.add([read_before])
    for _ in range(2):  # a replay too, whose first try may have ended before the cache
        erase(replace(ports, cache=cache), PADARIA, sold.entry_id, "e1")
        cache.add([read_before])
        (cached,) = cache.get("padaria", [sold.entry_id]).values()
        assert (cached.entry.description, cached.entry.text_salt) == (None, None)
        assert cached.fingerprint.texts is None
        fast_redis.flushall()
    assert record(ports_over(table, cache), PADARIA, SOLD).entry.description is None
