"""Redis saves work when it can, and costs next to nothing when it cannot."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.projection.processed_memory import STRETCH_SECONDS, RedisProcessedMemory
from local.stores.valkey import Valkey

if TYPE_CHECKING:
    import redis

EVENTS = [f"event-{number}" for number in range(1000)]


def test_what_was_remembered_is_known(fast_redis: "redis.Redis") -> None:
    memory = RedisProcessedMemory(fast_redis)
    assert memory.known(EVENTS) == set()
    memory.remember(EVENTS[:400])
    assert memory.known(EVENTS) == set(EVENTS[:400])


def test_asking_and_remembering_are_one_round_trip_each(fast_redis: "redis.Redis") -> None:
    memory = RedisProcessedMemory(fast_redis)
    before = fast_redis.info("stats")["total_reads_processed"]
    memory.known(EVENTS[:100])
    memory.remember(EVENTS[:100])
    after = fast_redis.info("stats")["total_reads_processed"]
    assert after - before <= 3  # one for each, and one that asks for this number


def test_a_stretch_later_it_is_still_known_and_two_later_no_more(
    fast_redis: "redis.Redis",
) -> None:
    now = [1_000_000.0]
    memory = RedisProcessedMemory(fast_redis, clock=lambda: now[0])
    memory.remember(EVENTS[:3])
    now[0] += STRETCH_SECONDS
    assert memory.known(EVENTS[:3]) == set(EVENTS[:3])
    now[0] += STRETCH_SECONDS
    assert memory.known(EVENTS[:3]) == set()


def test_old_ids_go_by_themselves(fast_redis: "redis.Redis") -> None:
    RedisProcessedMemory(fast_redis).remember(EVENTS[:3])
    (key,) = fast_redis.keys("processed:*")
    assert 0 < fast_redis.ttl(key) <= 2 * STRETCH_SECONDS


def test_a_flush_is_forgetting_and_nothing_else(fast_redis: "redis.Redis") -> None:
    memory = RedisProcessedMemory(fast_redis)
    memory.remember(EVENTS)
    fast_redis.flushall()
    assert memory.known(EVENTS) == set()


def test_a_frozen_valkey_costs_one_time_out_and_then_nothing(
    valkey: Valkey, fast_redis: "redis.Redis"
) -> None:
    memory = RedisProcessedMemory(fast_redis)
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


def test_an_odd_value_under_its_key_is_no_failure(
    fast_redis: "redis.Redis", fast_redis_to: Callable[[Valkey], "redis.Redis"]
) -> None:
    memory = RedisProcessedMemory(fast_redis, clock=lambda: 0.0)
    fast_redis.set("processed:0", "not a set")
    memory.remember(EVENTS[:3])
    assert memory.known(EVENTS[:3]) == set()


def test_without_redis_nothing_is_ever_known() -> None:
    memory = RedisProcessedMemory(None)
    memory.remember(EVENTS)
    assert memory.known(EVENTS) == set()
