"""The replay cache over a real Valkey: what it keeps, and what it refuses to believe."""

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.commands.batch import record_batch
from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.commands.record import RecordResult, record
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.errors import IdempotencyKeyReusedError
from chalicelib.storage.dynamodb_items import StoredEntry, entry_item
from tests.commands.examples import PADARIA, ports_over, sale
from tests.fixtures.ledger_table import LedgerTable

if TYPE_CHECKING:
    import redis


@pytest.fixture
def cache(fast_redis: "redis.Redis") -> IdempotencyCache:
    """A cache over the empty Valkey."""
    return IdempotencyCache(fast_redis)


@pytest.fixture
def stored(ledger_table: LedgerTable) -> StoredEntry:
    """An entry that the ledger holds under the key "k1", and nobody remembers."""
    return record(ports_over(ledger_table), PADARIA, sale("k1")).stored


def test_what_was_remembered_is_recalled_for_an_hour(
    cache: IdempotencyCache, stored: StoredEntry, fast_redis: "redis.Redis"
) -> None:
    cache.add([stored])
    one = stored.entry.entry_id
    assert cache.get("padaria", [one, "a" * 32]) == {one: stored}
    assert 3540 < int(fast_redis.ttl(f"replay:{one}")) <= 3600


def test_what_is_kept_already_stays(cache: IdempotencyCache, stored: StoredEntry) -> None:
    cache.add([stored])
    cache.add([_richer(stored)])
    assert cache.get("padaria", [stored.entry.entry_id]) == {stored.entry.entry_id: stored}


def test_a_remembered_replay_spares_the_ledger(
    cache: IdempotencyCache, ledger_table: LedgerTable
) -> None:
    ports = ports_over(ledger_table, cache)
    first = record(ports, PADARIA, sale("k1"))
    again = record(ports, PADARIA, sale("k1"))
    assert (again.stored, again.replayed) == (first.stored, True)
    assert ledger_table.wire.calls == ["PutItem"]


def test_another_body_is_refused_by_the_ledger_not_by_the_memory(
    cache: IdempotencyCache, ledger_table: LedgerTable
) -> None:
    ports = ports_over(ledger_table, cache)
    record(ports, PADARIA, sale("k1"))
    with pytest.raises(IdempotencyKeyReusedError):
        record(ports, PADARIA, sale("k1", amount="1.00"))
    assert ledger_table.wire.calls == ["PutItem", "PutItem"]


def test_what_the_memory_alone_has_is_recorded(
    cache: IdempotencyCache, stored: StoredEntry, ledger_table: LedgerTable
) -> None:
    cache.add([_richer(stored)])
    ledger_table.client.delete_item(
        TableName=ledger_table.name, Key={"entry_id": {"S": stored.entry.entry_id}}
    )
    recorded = record(ports_over(ledger_table, cache), PADARIA, sale("k1", amount="2.00"))
    assert not recorded.replayed
    assert len(ledger_table.items()) == 1


def test_a_flushed_memory_loses_nothing_and_learns_again(
    cache: IdempotencyCache, ledger_table: LedgerTable, fast_redis: "redis.Redis"
) -> None:
    ports = ports_over(ledger_table, cache)
    first = record(ports, PADARIA, sale("k1"))
    fast_redis.flushall()
    again = [record(ports, PADARIA, sale("k1")) for _ in range(3)]
    assert all(one.replayed and one.stored == first.stored for one in again)
    assert ledger_table.wire.calls == ["PutItem", "PutItem"]


def test_a_batch_asks_once_and_tells_once(
    cache: IdempotencyCache, ledger_table: LedgerTable, fast_redis: "redis.Redis"
) -> None:
    ports = ports_over(ledger_table, cache)
    request = [sale(f"k{turn}") for turn in range(100)]
    fast_redis.config_resetstat()
    record_batch(ports, PADARIA, request)
    again = record_batch(ports, PADARIA, request)
    assert all(isinstance(one, RecordResult) and one.replayed for one in again)
    assert ledger_table.wire.calls == ["PutItem"] * 100
    statistics: dict[str, Any] = fast_redis.info("commandstats")
    assert statistics["cmdstat_mget"]["calls"] == 2
    assert statistics["cmdstat_set"]["calls"] == 100


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b"17",
        b'"text"',
        b"NaN",
        b"{}",
        b'{"sha256": 1, "item": {}}',
        b"[" * 200_000,
    ],
)
def test_garbage_is_counted_and_passed_over(
    cache: IdempotencyCache,
    stored: StoredEntry,
    ledger_table: LedgerTable,
    fast_redis: "redis.Redis",
    capsys: pytest.CaptureFixture[str],
    garbage: bytes,
) -> None:
    fast_redis.set(f"replay:{stored.entry.entry_id}", garbage)
    again = record(ports_over(ledger_table, cache), PADARIA, sale("k1"))
    assert (again.stored, again.replayed) == (stored, True)
    assert "CacheDegraded" in capsys.readouterr().out
    assert cache.get("padaria", ["a" * 32]) == {}


@pytest.mark.parametrize("change", ["amount", "merchant", "id", "kind", "attribute", "type"])
def test_an_item_that_was_not_written_here_is_counted_and_passed_over(
    cache: IdempotencyCache,
    stored: StoredEntry,
    fast_redis: "redis.Redis",
    capsys: pytest.CaptureFixture[str],
    change: str,
) -> None:
    changes: dict[str, dict[str, Any]] = {
        "amount": {"amount_minor": {"N": "1"}},
        "merchant": {"merchant_id": {"S": "rival"}},
        "id": {"entry_id": {"S": "a" * 32}},
        "kind": {"entry_id": {}},
        "attribute": {"day": {"S": "2026-02-30"}},
        "type": {"amount_minor": ["N", "1"]},
    }
    item = {**entry_item(stored), **changes[change]}
    checksum = hashlib.sha256(canonical_json(item)).hexdigest()
    honest = "0" * 64 if change == "amount" else checksum
    name = f"replay:{stored.entry.entry_id}"
    fast_redis.set(name, json.dumps({"sha256": honest, "item": item}))
    assert cache.get("padaria", [stored.entry.entry_id]) == {}
    assert "CacheDegraded" in capsys.readouterr().out


def test_a_key_of_another_kind_of_value_is_nothing_remembered(
    cache: IdempotencyCache, stored: StoredEntry, fast_redis: "redis.Redis"
) -> None:
    fast_redis.lpush(f"replay:{stored.entry.entry_id}", "x")
    assert cache.get("padaria", [stored.entry.entry_id]) == {}


def _richer(stored: StoredEntry) -> StoredEntry:
    return replace(stored, entry=stored.entry._replace(amount_minor=10**15 - 1))
