"""Connections: reused while they are good, closed when in doubt."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.storage.postgres import (
    Connections,
    DatabaseUnreachableError,
    Session,
    StatementTimeoutError,
    ValueRejectedError,
    reason,
    sqlstate,
)
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import connections


@pytest.fixture
def pool(read_model_database: ReadModelDatabase) -> Iterator[Connections]:
    pool = connections(read_model_database)
    yield pool
    pool.close()


def _backend(session: Session) -> int:
    return int(session.rows("SELECT pg_backend_pid()")[0][0])


def test_rejected_value_keeps_the_connection(pool: Connections) -> None:
    before = pool.use(_backend)
    with pytest.raises(ValueRejectedError) as result:
        pool.use(_refused_value)
    assert str(result.value) == "SQLSTATE 22P02"
    assert result.value.__cause__ is None
    assert result.value.__suppress_context__
    assert pool.use(_backend) == before


@pytest.mark.parametrize(
    ("statement", "state", "error"),
    [
        ("SELECT * FROM nothing_here", "42P01", DatabaseUnreachableError),
        ("TRUNCATE entries", "42501", DatabaseUnreachableError),
        ("SELECT pg_sleep(5)", "57014", StatementTimeoutError),
        (
            "DO $$ BEGIN RAISE EXCEPTION 'lock timeout' USING ERRCODE = '55P03'; END $$",
            "55P03",
            StatementTimeoutError,
        ),
    ],
)
def test_server_error_closes_the_connection(
    pool: Connections, statement: str, state: str, error: type[DatabaseUnreachableError]
) -> None:
    before = pool.use(_backend)
    pool.use(lambda session: session.script("SET statement_timeout = '50ms'"))
    with pytest.raises(error, match=f"^SQLSTATE {state}$"):
        pool.use(lambda session: session.rows(statement))
    assert pool.use(_backend) != before


def test_settings_outlive_a_reconnect(
    pool: Connections, read_model_database: ReadModelDatabase
) -> None:
    pool.begin_with("SET statement_timeout = '7min'; SET lock_timeout = '3s'")
    shown = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
    for _ in range(2):
        assert pool.use(lambda session: session.rows(shown)) == [["7min", "3s"]]
        read_model_database.run(f"SELECT pg_terminate_backend({pool.use(_backend)})")


def test_only_other_settings_end_a_session(pool: Connections) -> None:
    pool.begin_with("SET lock_timeout = '3s'")
    before = pool.use(_backend)
    pool.begin_with("SET lock_timeout = '3s'")
    assert pool.use(_backend) == before
    pool.begin_with("SET lock_timeout = '4s'")
    assert pool.use(lambda session: session.rows("SHOW lock_timeout")) == [["4s"]]
    assert pool.use(_backend) != before


def test_bug_in_the_work_closes_the_connection(pool: Connections) -> None:
    """After a parameter that cannot be sent, pg8000 reads the wrong responses."""
    before = pool.use(_backend)
    with pytest.raises(UnicodeEncodeError):
        pool.use(lambda session: session.rows("SELECT CAST(:text AS text)", text="half \ud800"))
    assert pool.use(_backend) != before


def _refused_value(session: Session) -> None:
    session.rows("SELECT CAST(:text AS integer)", text="CPF 111")


def _own_fault(_session: Session) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("fail", "error"), [(_refused_value, ValueRejectedError), (_own_fault, ZeroDivisionError)]
)
def test_failed_transaction_is_rolled_back(
    pool: Connections, merchant: str, fail: Callable[[Session], None], error: type[Exception]
) -> None:
    def work(session: Session) -> None:
        with session.transaction():
            session.rows("INSERT INTO merchants VALUES (:merchant, now())", merchant=merchant)
            fail(session)

    def count(session: Session) -> Any:
        rows = session.rows("SELECT count(*) FROM merchants WHERE merchant_id = :m", m=merchant)
        return rows[0][0]

    with pytest.raises(error):
        pool.use(work)
    assert pool.use(count) == 0
    in_transaction = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    assert pool.use(lambda session: session.rows(in_transaction)) == [[0]]


def test_thread_waits_a_second_for_a_connection(pool: Connections) -> None:
    started = time.monotonic()
    with pytest.raises(DatabaseUnreachableError, match="in use"):
        pool.use(lambda _session: pool.use(_backend))
    assert 0.9 < time.monotonic() - started < 10


def test_refused_connection_is_unreachable() -> None:
    def refuse() -> Any:
        raise ConnectionRefusedError("nobody listens")

    with pytest.raises(DatabaseUnreachableError, match="nobody listens"):
        Connections(refuse).use(_backend)


def test_error_without_sqlstate_is_described() -> None:
    assert sqlstate(TimeoutError("slow")) is None
    assert reason(TimeoutError("slow")) == "TimeoutError: slow"
