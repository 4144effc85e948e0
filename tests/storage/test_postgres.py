"""Connections: kept while they are good, thrown away when in doubt."""

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
def kept(read_model_database: ReadModelDatabase) -> Iterator[Connections]:
    one = connections(read_model_database)
    yield one
    one.close()


def _backend(session: Session) -> int:
    return int(session.rows("SELECT pg_backend_pid()")[0][0])


def test_a_connection_is_kept_for_the_next(kept: Connections) -> None:
    assert kept.use(_backend) == kept.use(_backend)


def test_a_refused_value_is_told_as_such_and_keeps_the_connection(kept: Connections) -> None:
    before = kept.use(_backend)
    with pytest.raises(ValueRejectedError):
        kept.use(lambda session: session.rows("SELECT CAST(:text AS integer)", text="many"))
    assert kept.use(_backend) == before


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("SELECT * FROM nothing_here", "42P01"),
        ("TRUNCATE entries", "42501"),
        ("SELECT pg_sleep(5)", "57014"),
    ],
)
def test_any_other_fault_of_the_server_is_out_of_reach_and_drops_the_connection(
    kept: Connections, statement: str, state: str
) -> None:
    before = kept.use(_backend)
    kept.use(lambda session: session.script("SET statement_timeout = '50ms'"))
    with pytest.raises(DatabaseUnreachableError, match=f"^SQLSTATE {state}$"):
        kept.use(lambda session: session.rows(statement))
    assert kept.use(_backend) != before


def test_a_statement_that_the_server_ended_is_told_apart(kept: Connections) -> None:
    kept.use(lambda session: session.script("SET statement_timeout = '50ms'"))
    with pytest.raises(StatementTimeoutError):
        kept.use(lambda session: session.rows("SELECT pg_sleep(5)"))


def test_a_fault_of_our_own_passes_through_and_drops_the_connection(kept: Connections) -> None:
    """A parameter that cannot be sent leaves pg8000 out of step with its answers."""
    before = kept.use(_backend)
    with pytest.raises(UnicodeEncodeError):
        kept.use(lambda session: session.rows("SELECT CAST(:text AS text)", text="half \ud800"))
    assert kept.use(_backend) != before


def _refused_value(session: Session) -> None:
    session.rows("SELECT CAST(:text AS integer)", text="many")


def _own_fault(_session: Session) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("fail", "error"), [(_refused_value, ValueRejectedError), (_own_fault, ZeroDivisionError)]
)
def test_what_fails_inside_a_transaction_leaves_nothing_and_no_open_one(
    kept: Connections, merchant: str, fail: Callable[[Session], None], error: type[Exception]
) -> None:
    def work(session: Session) -> None:
        with session.transaction():
            session.rows("INSERT INTO merchants VALUES (:merchant, now())", merchant=merchant)
            fail(session)

    def count(session: Session) -> Any:
        rows = session.rows("SELECT count(*) FROM merchants WHERE merchant_id = :m", m=merchant)
        return rows[0][0]

    with pytest.raises(error):
        kept.use(work)
    assert kept.use(count) == 0
    with_one = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    assert kept.use(lambda session: session.rows(with_one)) == [[0]]


def test_a_taken_connection_is_waited_for_one_second(kept: Connections) -> None:
    begun = time.monotonic()
    with pytest.raises(DatabaseUnreachableError, match="taken"):
        kept.use(lambda _session: kept.use(_backend))
    assert 0.9 < time.monotonic() - begun < 10


def test_nobody_there_is_out_of_reach() -> None:
    def refuse() -> Any:
        raise ConnectionRefusedError("nobody listens")

    with pytest.raises(DatabaseUnreachableError, match="nobody listens"):
        Connections(refuse).use(_backend)


def test_what_went_wrong_is_told_without_the_rows_values(kept: Connections) -> None:
    with pytest.raises(ValueRejectedError) as result:
        kept.use(lambda session: session.rows("SELECT CAST(:text AS integer)", text="CPF 111"))
    assert str(result.value) == "SQLSTATE 22P02"
    assert result.value.__cause__ is None
    assert result.value.__suppress_context__


def test_a_server_without_a_code_tells_the_kind_of_failure() -> None:
    assert sqlstate(TimeoutError("slow")) is None
    assert reason(TimeoutError("slow")) == "TimeoutError: slow"
