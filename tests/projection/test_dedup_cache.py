"""Redis saves work when it can, and costs next to nothing when it cannot."""

import time
from typing import TYPE_CHECKING

import pytest

from chalicelib.projection.dedup_cache import RedisDedupCache
from local.stores.valkey import Valkey

if TYPE_CHECKING:
    import redis

EVENTS = [f"event-{number}" for number in range(1000)]


def test_what_was_remembered_is_known(fast_redis: "redis.Redis") -> None:
    memory = RedisDedupCache(fast_redis)
    assert memory.known(EVENTS) == set()
    memory.remember(EVENTS[:400])
    assert memory.known(EVENTS) == set(EVENTS[:400])


def test_asking_and_remembering_are_one_round_trip_each(fast_redis: "redis.Redis") -> None:
    memory = RedisDedupCache(fast_redis)
    before = fast_redis.info("stats")["total_reads_processed"]
    memory.known(EVENTS[:100])
    memory.remember(EVENTS[:100])
    after = fast_redis.info("stats")["total_reads_processed"]
    assert after - before <= 3  # one for each, and one that asks for this number


def test_a_batch_that_comes_again_longer_is_known_as_far_as_it_went(
    fast_redis: "redis.Redis",
) -> None:
    memory = RedisDedupCache(fast_redis)
    memory.remember(EVENTS[:100])
    assert memory.known(EVENTS[:150]) == set(EVENTS[:100])
    assert memory.known(EVENTS[:50]) == set(EVENTS[:50])
    memory.remember(EVENTS[:150])
    assert memory.known(EVENTS[:150]) == set(EVENTS[:150])


def test_a_batch_that_begins_elsewhere_is_not_known(fast_redis: "redis.Redis") -> None:
    memory = RedisDedupCache(fast_redis)
    memory.remember(EVENTS[:100])
    assert memory.known(EVENTS[1:100]) == set()


def test_a_batch_is_forgotten_by_itself(fast_redis: "redis.Redis") -> None:
    RedisDedupCache(fast_redis).remember(EVENTS[:3])
    (key,) = fast_redis.keys("processed:*")
    assert 1_100 < fast_redis.ttl(key) <= 1_200


def test_a_flush_is_forgetting_and_nothing_else(fast_redis: "redis.Redis") -> None:
    memory = RedisDedupCache(fast_redis)
    memory.remember(EVENTS)
    fast_redis.flushall()
    assert memory.known(EVENTS) == set()


def test_a_frozen_valkey_costs_one_time_out_and_then_nothing(
    valkey: Valkey, fast_redis: "redis.Redis"
) -> None:
    memory = RedisDedupCache(fast_redis)
    fast_redis.ping()
    valkey.server.freeze()
    try:
        begun = time.monotonic()
        for _ in range(20):
            assert memory.known(EVENTS[:10]) == set()
            memory.remember(EVENTS[:10])
        assert time.monotonic() - begun < 0.5
    finally:
        valkey.server.thaw()


@pytest.mark.parametrize(
    "odd", ["", "not JSON", "7", '"event-0"', '{"event-0": 1}', "[[]]", "[" * 99_999, b"\xff"]
)
def test_an_odd_value_under_its_key_is_no_failure(
    fast_redis: "redis.Redis", odd: str | bytes
) -> None:
    memory = RedisDedupCache(fast_redis)
    fast_redis.set(f"processed:{EVENTS[0]}", odd)
    assert memory.known(EVENTS[:3]) == set()
    memory.remember(EVENTS[:3])
    assert memory.known(EVENTS[:3]) == set(EVENTS[:3])


def test_a_value_of_another_kind_under_its_key_is_no_failure(fast_redis: "redis.Redis") -> None:
    memory = RedisDedupCache(fast_redis, window=0.0)
    fast_redis.rpush(f"processed:{EVENTS[0]}", EVENTS[0])
    assert memory.known(EVENTS[:3]) == set()


def test_without_redis_nothing_is_ever_known() -> None:
    memory = RedisDedupCache(None)
    memory.remember(EVENTS)
    assert memory.known(EVENTS) == set()
