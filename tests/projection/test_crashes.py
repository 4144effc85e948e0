"""A broken connection, a frozen or restarted server: each entry still takes effect exactly once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.storage.postgres import DatabaseUnreachableError
from local.stores.postgres import Postgres
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.plain_sums import expected, held
from tests.fixtures.projection import Projection, projection_over
from verification.kit.fault_proxy import Cut, FaultProxy
from verification.kit.generators import entries


@pytest.fixture
def proxied(
    read_model_database: ReadModelDatabase, fault_proxy: FaultProxy
) -> Iterator[Projection]:
    """A projection whose connection goes through a proxy that can break it."""
    projection = projection_over(replace(read_model_database, port=fault_proxy.port))
    yield projection
    projection.connections.close()


def _warm(projection: Projection, merchant: str) -> None:
    projection.insert(entries(0, 1, [f"{merchant}-warm"]))


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_broken_connection_is_replaced(
    proxied: Projection,
    fault_proxy: FaultProxy,
    read_model_database: ReadModelDatabase,
    merchant: str,
    cut: Cut,
) -> None:
    _warm(proxied, merchant)
    recorded = entries(4, 50, [merchant])
    fault_proxy.cut(cut)
    proxied.insert(recorded)
    assert held(read_model_database, [merchant]) == expected(recorded)


@pytest.mark.parametrize("cuts", [["before", "before"], ["after", "after"]])
def test_a_second_break_repeats_the_batch(
    proxied: Projection,
    fault_proxy: FaultProxy,
    read_model_database: ReadModelDatabase,
    merchant: str,
    cuts: list[Cut],
) -> None:
    _warm(proxied, merchant)
    recorded = entries(5, 50, [merchant])
    fault_proxy.cut(*cuts)
    with pytest.raises(DatabaseUnreachableError):
        proxied.insert(recorded)
    assert not fault_proxy.is_armed
    proxied.insert(recorded)
    assert held(read_model_database, [merchant]) == expected(recorded)


def test_an_unacknowledged_commit_is_not_repeated(
    proxied: Projection,
    fault_proxy: FaultProxy,
    read_model_database: ReadModelDatabase,
    merchant: str,
) -> None:
    _warm(proxied, merchant)
    recorded = entries(6, 50, [merchant])
    fault_proxy.cut("after")
    assert proxied.insert(recorded).new == 0
    assert held(read_model_database, [merchant]) == expected(recorded)


def test_a_frozen_server_raises(
    read_model_database: ReadModelDatabase, postgres: Postgres, merchant: str
) -> None:
    projection = projection_over(read_model_database, timeout=0.3)
    _warm(projection, merchant)
    recorded = entries(7, 50, [merchant])
    postgres.server.freeze()
    try:
        for _ in range(2):
            with pytest.raises(DatabaseUnreachableError):
                projection.insert(recorded)
    finally:
        postgres.server.thaw()
    projection_over(read_model_database).insert(recorded)
    assert held(read_model_database, [merchant]) == expected(recorded)


def test_a_terminated_session_is_replaced(
    projection: Projection, read_model_database: ReadModelDatabase, merchant: str
) -> None:
    _warm(projection, merchant)
    read_model_database.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE usename = 'livro_projector'"
    )
    recorded = entries(8, 50, [merchant])
    assert projection.insert(recorded).new == 50
    assert held(read_model_database, [merchant]) == expected(recorded)
