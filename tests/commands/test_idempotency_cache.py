"""The cache over a real Valkey: what it returns, and which values it ignores."""

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.commands.batch import record_batch
from chalicelib.commands.idempotency_cache import IdempotencyCache, LateCache
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordResult, record
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.errors import IdempotencyKeyReusedError
from chalicelib.storage.dynamodb_items import StoredEntry, entry_item, erased_entry
from tests.commands.examples import PADARIA, ports_over, sale
from tests.fixtures.ledger_table import LedgerTable

if TYPE_CHECKING:
    import redis


@pytest.fixture
def cache(fast_redis: "redis.Redis") -> IdempotencyCache:
    """A cache in an empty Valkey."""
    return IdempotencyCache(fast_redis, "entries")


@pytest.fixture
def stored(ports: CommandPorts) -> StoredEntry:
    """An entry in the ledger under the key "k1", not cached."""
    return record(ports, PADARIA, sale("k1")).stored


def test_first_added_entry_is_cached_an_hour(
    cache: IdempotencyCache, stored: StoredEntry, fast_redis: "redis.Redis"
) -> None:
    entry_id = stored.entry.entry_id
    for entry in (stored, _other_amount(stored)):
        cache.add([entry])
        assert cache.get("padaria", [entry_id, "a" * 32]) == {entry_id: stored}
    assert 3540 < int(fast_redis.ttl(f"replay:entries:{entry_id}")) <= 3600


def test_cached_replay_is_one_round_trip(
    cache: IdempotencyCache, table: LedgerTable, fast_redis: "redis.Redis"
) -> None:
    ports = ports_over(table, cache)
    fast_redis.config_resetstat()
    first, again = (record(ports, PADARIA, sale("k1")) for _ in range(2))
    assert (again.stored, again.replayed) == (first.stored, True)
    assert table.wire.calls == ["PutItem"]
    assert calls_of(fast_redis) == {"mget": 2, "set": 1}
    with pytest.raises(IdempotencyKeyReusedError):
        record(ports, PADARIA, sale("k1", amount="1.00"))
    assert table.wire.calls == ["PutItem", "PutItem"]


def test_first_request_needs_no_redis(cache: IdempotencyCache, stored: StoredEntry) -> None:
    entry_id, loaded = stored.entry.entry_id, []
    late = LateCache(lambda: loaded.append(1) or cache)  # type: ignore[func-returns-value]
    assert late.get("padaria", [entry_id]) == {}
    late.add([stored])
    assert loaded == []
    assert late.get("padaria", [entry_id]) == {}
    late.add([stored])
    assert late.get("padaria", [entry_id]) == {entry_id: stored}
    assert loaded == [1]


def test_first_request_may_replace_erased_texts(
    cache: IdempotencyCache, stored: StoredEntry
) -> None:
    cache.add([stored])
    LateCache(lambda: cache).replace(erased_entry(stored))
    assert [*cache.get("padaria", [stored.entry.entry_id]).values()] == [erased_entry(stored)]


def test_entry_only_in_the_cache_is_recorded(
    cache: IdempotencyCache, stored: StoredEntry, table: LedgerTable
) -> None:
    cache.add([_other_amount(stored)])
    table.client.delete_item(TableName=table.name, Key={"entry_id": {"S": stored.entry.entry_id}})
    recorded = record(ports_over(table, cache), PADARIA, sale("k1", amount="2.00"))
    assert not recorded.replayed
    assert len(table.items()) == 1


def test_restored_table_has_no_cached_replays(
    cache: IdempotencyCache, table: LedgerTable, fast_redis: "redis.Redis"
) -> None:
    record(ports_over(table, cache), PADARIA, sale("k1"))
    table.empty()  # a restored table has another name, and lacks the latest entries
    restored = IdempotencyCache(fast_redis, "entries-restored")
    assert not record(ports_over(table, restored), PADARIA, sale("k1")).replayed
    assert len(table.items()) == 1


def test_reply_that_is_no_list_is_ignored(table: LedgerTable, fast_redis: "redis.Redis") -> None:
    fast_redis.mget = lambda _names: 7  # type: ignore[method-assign, assignment, misc]
    ports = ports_over(table, IdempotencyCache(fast_redis, "entries"))
    assert [record(ports, PADARIA, sale("k1")).replayed for _ in range(2)] == [False, True]


def test_flushed_cache_fills_again(
    cache: IdempotencyCache, table: LedgerTable, fast_redis: "redis.Redis"
) -> None:
    ports = ports_over(table, cache)
    first = record(ports, PADARIA, sale("k1"))
    fast_redis.flushall()
    again = [record(ports, PADARIA, sale("k1")) for _ in range(3)]
    assert all(result.replayed and result.stored == first.stored for result in again)
    assert table.wire.calls == ["PutItem", "PutItem"]


def test_batch_makes_two_round_trips(
    cache: IdempotencyCache, table: LedgerTable, fast_redis: "redis.Redis"
) -> None:
    ports = ports_over(table, cache)
    request = [sale(f"k{turn}") for turn in range(100)]
    fast_redis.config_resetstat()
    record_batch(ports, PADARIA, request)
    again = record_batch(ports, PADARIA, request)
    assert all(isinstance(outcome, RecordResult) and outcome.replayed for outcome in again)
    assert table.wire.calls == ["PutItem"] * 100
    assert calls_of(fast_redis) == {"mget": 2, "set": 100}


@pytest.mark.usefixtures("deep_recursion")
@pytest.mark.parametrize(
    "garbage",
    [
        *(b"", b"{", b"\xff\xfe\x00", b"null", b"[]", b"17", b'"text"', b"NaN", b"{}"),
        *(b'{"sha256": 1, "item": {}}', b"[" * 200_000),
    ],
)
def test_unreadable_value_is_counted_and_ignored(
    cache: IdempotencyCache,
    stored: StoredEntry,
    table: LedgerTable,
    fast_redis: "redis.Redis",
    capsys: pytest.CaptureFixture[str],
    garbage: bytes,
) -> None:
    fast_redis.set(f"replay:entries:{stored.entry.entry_id}", garbage)
    again = record(ports_over(table, cache), PADARIA, sale("k1"))
    assert (again.stored, again.replayed) == (stored, True)
    assert "CacheDegraded" in capsys.readouterr().out
    assert cache.get("padaria", ["a" * 32]) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"amount_minor": {"N": "1"}},
        {"merchant_id": {"S": "rival"}},
        {"entry_id": {"S": "a" * 32}},
        {"entry_id": {}},
        {"day": {"S": "2026-02-30"}},
        {"amount_minor": ["N", "1"]},
    ],
)
def test_forged_item_is_counted_and_ignored(
    cache: IdempotencyCache,
    stored: StoredEntry,
    fast_redis: "redis.Redis",
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, Any],
) -> None:
    item = {**entry_item(stored), **changed}
    is_forged_amount = changed == {"amount_minor": {"N": "1"}}
    checksum = "0" * 64 if is_forged_amount else hashlib.sha256(canonical_json(item)).hexdigest()
    name = f"replay:entries:{stored.entry.entry_id}"
    fast_redis.set(name, json.dumps({"sha256": checksum, "item": item}))
    assert cache.get("padaria", [stored.entry.entry_id]) == {}
    assert "CacheDegraded" in capsys.readouterr().out


def calls_of(client: "redis.Redis") -> dict[str, int]:
    """Return the number of calls of each command since the statistics were reset."""
    statistics: dict[str, Any] = client.info("commandstats")
    sent = {name.removeprefix("cmdstat_"): about["calls"] for name, about in statistics.items()}
    return {name: calls for name, calls in sent.items() if not name.startswith("config")}


def _other_amount(stored: StoredEntry) -> StoredEntry:
    return replace(stored, entry=stored.entry._replace(amount_minor=10**15 - 1))
