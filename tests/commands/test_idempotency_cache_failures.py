"""Valkey killed, frozen, full or flushed: every entry is still recorded once, and soon."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from chalicelib.commands import idempotency_cache
from chalicelib.commands.batch import record_batch
from chalicelib.commands.erase import erase
from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.commands.record import RecordResult, record
from local.stores.valkey import Valkey, start_valkey
from tests.commands.examples import PADARIA, ports_over, sale
from tests.fixtures.ledger_table import LedgerTable
from tests.fixtures.redis_client import flush
from tests.fixtures.threads import crowd

if TYPE_CHECKING:
    import redis


@pytest.fixture
def frozen(valkey: Valkey, fast_redis: "redis.Redis") -> Iterator[Valkey]:
    """Valkey, called once and then frozen; it is thawed after the test."""
    fast_redis.ping()
    valkey.server.freeze()
    yield valkey
    valkey.server.thaw()


def test_frozen_valkey_costs_one_timeout_per_window(
    frozen: Valkey,
    fast_redis: "redis.Redis",
    table: LedgerTable,
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 0.0
    ports = ports_over(table, IdempotencyCache(fast_redis, "entries", clock=lambda: now))
    for _ in range(2):
        outcomes = record_batch(ports, PADARIA, [sale(f"k{turn}") for turn in range(50)])
        assert all(isinstance(outcome, RecordResult) for outcome in outcomes)
        record(ports, PADARIA, sale("k1"))
        assert capsys.readouterr().out.count('"cache": "TimeoutError"') == 1
        now += 5.0
    assert len(table.items()) == 50
    frozen.server.thaw()
    table.wire.calls.clear()
    replays = [record(ports, PADARIA, sale("k1")) for _ in range(3)]
    assert all(replay.replayed for replay in replays)
    assert table.wire.calls == ["PutItem"]


def test_nothing_is_encoded_while_the_circuit_is_open(
    frozen: Valkey,
    fast_redis: "redis.Redis",
    table: LedgerTable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = IdempotencyCache(fast_redis, "entries", clock=lambda: 0.0)
    assert cache.get("padaria", ["a" * 32]) == {}
    monkeypatch.setattr(idempotency_cache, "entry_item", lambda _stored: pytest.fail("encoded"))
    assert not record(ports_over(table, cache), PADARIA, sale("k1")).replayed


def test_erasure_reaches_valkey_while_the_circuit_is_open(
    valkey: Valkey,
    fast_redis: "redis.Redis",
    table: LedgerTable,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ports = ports_over(table, IdempotencyCache(fast_redis, "entries", clock=lambda: 0.0))
    sold = record(ports, PADARIA, sale("k1", description="Maria")).entry
    cached = f"replay:entries:{sold.entry_id}"
    assert "Maria" in str(fast_redis.get(cached))
    valkey.server.freeze()
    try:
        record(ports, PADARIA, sale("k1", description="Maria"))
        capsys.readouterr()
        erase(ports, PADARIA, sold.entry_id, "e1")
    finally:
        valkey.server.thaw()
    assert capsys.readouterr().out.count('"cache": "TimeoutError"') == 1
    erase(ports, PADARIA, sold.entry_id, "e1")
    assert "Maria" not in str(fast_redis.get(cached))


def test_killed_valkey_loses_and_doubles_nothing(
    fast_redis_to: "Callable[[Valkey], redis.Redis]", table: LedgerTable
) -> None:
    server = start_valkey()
    ports = ports_over(table, IdempotencyCache(fast_redis_to(server), "entries"))
    first = record(ports, PADARIA, sale("k1"))
    server.server.kill()
    again = record(ports, PADARIA, sale("k1"))
    assert (again.replayed, again.stored) == (True, first.stored)
    assert not record(ports, PADARIA, sale("k2")).replayed
    assert len(table.items()) == 2


def test_full_valkey_fails_no_request(fast_redis: "redis.Redis", table: LedgerTable) -> None:
    ports = ports_over(table, IdempotencyCache(fast_redis, "entries"))
    fast_redis.config_set("maxmemory", "1")
    try:
        assert not record(ports, PADARIA, sale("k1")).replayed
        assert record(ports, PADARIA, sale("k1")).replayed
    finally:
        fast_redis.config_set("maxmemory", "0")


def test_flush_during_a_crowd_doubles_nothing(
    valkey: Valkey, fast_redis: "redis.Redis", table: LedgerTable
) -> None:
    ports = ports_over(table, IdempotencyCache(fast_redis, "entries"))

    def work(turn: int) -> RecordResult:
        if turn % 10 == 0:
            flush(valkey)
        return record(ports, PADARIA, sale(f"k{turn % 4}"))

    results = [result for result in crowd(100, work) if isinstance(result, RecordResult)]
    assert len(results) == 100
    assert len(table.items()) == 4
    assert [result.replayed for result in results].count(False) == 4
    for turn in range(4):
        assert all(result.stored == results[turn].stored for result in results[turn::4])
