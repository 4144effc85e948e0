"""Redis saves work while it responds, and costs next to nothing while it does not."""

import time
from typing import TYPE_CHECKING

import pytest

from chalicelib.projection.dedup_cache import LateDedupCache, RedisDedupCache
from local.stores.valkey import Valkey

if TYPE_CHECKING:
    import redis

EVENTS = [f"event-{number}" for number in range(1000)]


def test_added_ids_are_known(fast_redis: "redis.Redis") -> None:
    cache = RedisDedupCache(fast_redis, "entries")
    assert cache.known(EVENTS) == set()
    cache.add(EVENTS[:400])
    assert cache.known(EVENTS) == set(EVENTS[:400])
    assert cache.known(EVENTS[:50]) == set(EVENTS[:50])
    assert cache.known(EVENTS[1:400]) == set()  # another first record is another batch
    assert RedisDedupCache(fast_redis, "restored").known(EVENTS) == set()
    cache.add(EVENTS[:450])
    assert cache.known(EVENTS[:450]) == set(EVENTS[:450])
    fast_redis.flushall()
    assert cache.known(EVENTS) == set()


def test_first_batch_needs_no_redis(fast_redis: "redis.Redis") -> None:
    cache, loaded = RedisDedupCache(fast_redis, "entries"), []
    late = LateDedupCache(lambda: loaded.append(1) or cache)  # type: ignore[func-returns-value]
    assert late.known(EVENTS) == set()
    late.add(EVENTS)
    assert loaded == []
    assert late.known(EVENTS) == set()
    late.add(EVENTS)
    assert late.known(EVENTS) == set(EVENTS)


def test_each_call_is_one_round_trip(fast_redis: "redis.Redis") -> None:
    cache = RedisDedupCache(fast_redis, "entries")
    before = fast_redis.info("stats")["total_reads_processed"]
    cache.known(EVENTS[:100])
    cache.add(EVENTS[:100])
    after = fast_redis.info("stats")["total_reads_processed"]
    assert after - before <= 3  # each of the two calls, and the reading of the statistics


def test_a_batch_expires_in_twenty_minutes(fast_redis: "redis.Redis") -> None:
    RedisDedupCache(fast_redis, "entries").add(EVENTS[:3])
    (key,) = fast_redis.keys("processed:*")
    assert 1_100 < fast_redis.ttl(key) <= 1_200


def test_a_frozen_valkey_costs_one_timeout(valkey: Valkey, fast_redis: "redis.Redis") -> None:
    cache = RedisDedupCache(fast_redis, "entries")
    fast_redis.ping()
    valkey.server.freeze()
    try:
        begun = time.monotonic()
        for _ in range(20):
            assert cache.known(EVENTS[:10]) == set()
            cache.add(EVENTS[:10])
        assert time.monotonic() - begun < 2.0  # forty timeouts would take 10 s
    finally:
        valkey.server.thaw()


@pytest.mark.usefixtures("deep_recursion")
@pytest.mark.parametrize(
    "odd", ["", "not JSON", "7", '"event-0"', '{"event-0": 1}', "[[]]", "[" * 99_999, b"\xff"]
)
def test_an_odd_value_is_ignored(fast_redis: "redis.Redis", odd: str | bytes) -> None:
    cache = RedisDedupCache(fast_redis, "entries")
    fast_redis.set(f"processed:entries:{EVENTS[0]}", odd)
    assert cache.known(EVENTS[:3]) == set()
    cache.add(EVENTS[:3])
    assert cache.known(EVENTS[:3]) == set(EVENTS[:3])
    fast_redis.delete(f"processed:entries:{EVENTS[0]}")
    fast_redis.rpush(f"processed:entries:{EVENTS[0]}", EVENTS[0])
    assert cache.known(EVENTS[:3]) == set()


def test_nothing_is_known_without_redis() -> None:
    cache = RedisDedupCache(None, "entries")
    cache.add(EVENTS)
    assert cache.known(EVENTS) == set()
