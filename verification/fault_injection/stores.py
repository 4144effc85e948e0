"""The stores themselves, asked straight: whether they answer, and what nights kept of repairs."""

from collections.abc import Iterator
from contextlib import contextmanager

import pg8000.native
import redis

from local.stores.postgres import SUPERUSER
from local.stores.stores import DATABASE
from verification.local_cluster import Laptop

_SECONDS_TO_ANSWER = 5


def repaired_by_nights(laptop: Laptop) -> int:
    """Return in how many lines of a day nights found the read model to differ from the ledger.

    It is kept before a repair, so those of a night that was killed count too.
    """
    with _postgres(laptop) as connection:
        ((lines,),) = connection.run("SELECT count(*) FROM read_model.day_repairs")
        return int(lines)


def postgres_answers(laptop: Laptop) -> bool:
    """Say whether PostgreSQL answers a statement."""
    try:
        with _postgres(laptop) as connection:
            return bool(connection.run("SELECT 1"))
    except (OSError, pg8000.native.InterfaceError, pg8000.native.DatabaseError):
        return False


def valkey_answers(laptop: Laptop) -> bool:
    """Say whether Valkey answers a command."""
    try:
        with valkey(laptop) as client:
            return bool(client.ping())
    except (OSError, redis.RedisError):
        return False


@contextmanager
def valkey(laptop: Laptop) -> "Iterator[redis.Redis]":
    """Open a connection to Valkey itself."""
    place = laptop.endpoints["servers"]["valkey"]
    with redis.Redis(
        host=place["host"], port=place["port"], socket_timeout=_SECONDS_TO_ANSWER
    ) as client:
        yield client


@contextmanager
def _postgres(laptop: Laptop) -> "Iterator[pg8000.native.Connection]":
    place = laptop.endpoints["servers"]["postgres"]
    connection = pg8000.native.Connection(
        SUPERUSER,
        host=place["host"],
        port=place["port"],
        database=DATABASE,
        timeout=_SECONDS_TO_ANSWER,
    )
    try:
        yield connection
    finally:
        connection.close()
