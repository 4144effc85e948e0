"""A broken wire, a frozen or restarted server: the batch comes again, and all is there once."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.projection.project import project
from chalicelib.storage.postgres import DatabaseUnreachableError
from local.stores.postgres import Postgres
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.plain_sums import expected, held
from tests.fixtures.projection import Projection, projection_over
from verification.kit.fault_proxy import Cut, FaultProxy
from verification.kit.generators import all_inserted, entries


@pytest.fixture
def over_the_wire(
    read_model_database: ReadModelDatabase, fault_proxy: FaultProxy
) -> Iterator[Projection]:
    """A projection whose connection goes through a wire that can break."""
    projection = projection_over(replace(read_model_database, port=fault_proxy.port))
    yield projection
    projection.connections.close()


def _warm(projection: Projection, merchant: str) -> None:
    project(all_inserted(entries(0, 1, [f"{merchant}-warm"])), projection.ports)


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_kept_connection_that_breaks_is_replaced_at_once(
    over_the_wire: Projection,
    fault_proxy: FaultProxy,
    read_model_database: ReadModelDatabase,
    merchant: str,
    cut: Cut,
) -> None:
    _warm(over_the_wire, merchant)
    recorded = entries(4, 50, [merchant])
    fault_proxy.cut(cut)
    project(all_inserted(recorded), over_the_wire.ports)
    assert held(read_model_database, [merchant]) == expected(recorded)


@pytest.mark.parametrize("cuts", [["before", "before"], ["after", "after"]])
def test_a_wire_that_goes_on_breaking_brings_the_batch_again(
    over_the_wire: Projection,
    fault_proxy: FaultProxy,
    read_model_database: ReadModelDatabase,
    merchant: str,
    cuts: list[Cut],
) -> None:
    _warm(over_the_wire, merchant)
    recorded = entries(5, 50, [merchant])
    fault_proxy.cut(*cuts)
    with pytest.raises(DatabaseUnreachableError):
        project(all_inserted(recorded), over_the_wire.ports)
    assert not fault_proxy.is_armed
    project(all_inserted(recorded), over_the_wire.ports)
    assert held(read_model_database, [merchant]) == expected(recorded)


def test_a_commit_that_nobody_heard_of_is_not_done_again(
    over_the_wire: Projection,
    fault_proxy: FaultProxy,
    read_model_database: ReadModelDatabase,
    merchant: str,
) -> None:
    _warm(over_the_wire, merchant)
    recorded = entries(6, 50, [merchant])
    fault_proxy.cut("after")
    assert project(all_inserted(recorded), over_the_wire.ports).new == 0
    assert held(read_model_database, [merchant]) == expected(recorded)


def test_a_frozen_server_raises_and_is_caught_up_with_later(
    read_model_database: ReadModelDatabase, postgres: Postgres, merchant: str
) -> None:
    projection = projection_over(read_model_database, timeout=0.3)
    _warm(projection, merchant)
    recorded = entries(7, 50, [merchant])
    postgres.server.freeze()
    try:
        for _ in range(2):
            with pytest.raises(DatabaseUnreachableError):
                project(all_inserted(recorded), projection.ports)
    finally:
        postgres.server.thaw()
    project(all_inserted(recorded), projection_over(read_model_database).ports)
    assert held(read_model_database, [merchant]) == expected(recorded)


def test_an_administrator_who_ends_the_session_is_not_noticed(
    projection: Projection, read_model_database: ReadModelDatabase, merchant: str
) -> None:
    _warm(projection, merchant)
    read_model_database.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE usename = 'livro_projector'"
    )
    recorded = entries(8, 50, [merchant])
    assert project(all_inserted(recorded), projection.ports).new == 50
    assert held(read_model_database, [merchant]) == expected(recorded)
