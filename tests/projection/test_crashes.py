"""A broken connection, a frozen or restarted server: each entry still takes effect exactly once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.storage.postgres import DatabaseUnreachableError
from local.stores.postgres import Postgres
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import Projection, projection_over
from verification.kit.fault_proxy import Cut, FaultProxy
from verification.kit.generators import entries


@pytest.fixture
def proxied(
    read_model_database: ReadModelDatabase, fault_proxy: FaultProxy, merchant: str
) -> Iterator[Projection]:
    """A projection whose open connection goes through a proxy that can break it."""
    through_proxy = projection_over(replace(read_model_database, port=fault_proxy.port))
    through_proxy.insert(entries(0, 1, [f"{merchant}-warm"]))
    yield replace(through_proxy, database=read_model_database)
    through_proxy.connections.close()


@pytest.mark.parametrize(("cut", "new"), [("before", 50), ("after", 0)])
def test_a_connection_may_break_twice(
    proxied: Projection, fault_proxy: FaultProxy, merchant: str, cut: Cut, new: int
) -> None:
    first, second = entries(4, 50, [merchant]), entries(5, 50, [f"{merchant}-2"])
    fault_proxy.cut(cut)
    assert proxied.insert(first).new == new
    fault_proxy.cut(cut, cut)
    with pytest.raises(DatabaseUnreachableError):
        proxied.insert(second)
    assert not fault_proxy.is_armed
    proxied.insert(second)
    proxied.check_entries(first + second)


def test_a_frozen_server_raises(
    read_model_database: ReadModelDatabase, postgres: Postgres, merchant: str
) -> None:
    projection = projection_over(read_model_database, timeout=0.3)
    projection.insert(entries(0, 1, [f"{merchant}-warm"]))
    recorded = entries(7, 50, [merchant])
    postgres.server.freeze()
    try:
        for _ in range(2):
            with pytest.raises(DatabaseUnreachableError):
                projection.insert(recorded)
    finally:
        postgres.server.thaw()
    projection_over(read_model_database).insert(recorded)
    projection.check_entries(recorded)


def test_a_terminated_session_is_replaced(projection: Projection, merchant: str) -> None:
    projection.insert(entries(0, 1, [f"{merchant}-warm"]))
    projection.database.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE usename = 'livro_projector'"
    )
    recorded = entries(8, 50, [merchant])
    assert projection.insert(recorded).new == 50
    projection.check_entries(recorded)
