"""Row-level security: a reader sees one merchant at a time, and roles write only what they must."""

from typing import Any

import pytest
from pg8000.native import DatabaseError

from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.merchant_rows import EVERY_TABLE, insert_closing, insert_totals
from tests.migrations.conftest import Connect


@pytest.fixture
def two_merchants(read_model_database: ReadModelDatabase, merchant: str) -> tuple[str, str]:
    """Two merchants with a row in every table."""
    pair = (merchant, f"{merchant}-rival")
    for name in pair:
        insert_totals(read_model_database, name)
        insert_closing(read_model_database, name)
    return pair


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_a_reader_sees_only_its_merchant(
    reader: Any, two_merchants: tuple[str, str], table: str
) -> None:
    assert reader.run(f"SELECT count(*) FROM {table}") == [[0]]
    assert _merchants_seen(reader, table, two_merchants[0]) == [[two_merchants[0]]]


def test_the_merchant_ends_with_its_statement(
    connect: Connect, reader: Any, two_merchants: tuple[str, str]
) -> None:
    call = "SELECT daily_balances(:merchant, '2026-11-22', '2026-11-22', null, 'BRL', null)"
    assert '"days" : [["2026-11-22", 1, 0, 1]]' in reader.run(call, merchant=two_merchants[0])[0][0]
    for connection in (reader, connect("livro_owner")):
        assert connection.run("SELECT count(*) FROM entries") == [[0]]


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_a_reader_cannot_write(reader: Any, merchant: str, table: str) -> None:
    reader.run("SET default_transaction_read_only = off")
    with pytest.raises(DatabaseError, match="permission denied"):
        reader.run(f"INSERT INTO {table} (merchant_id) VALUES ('{merchant}')")
    with pytest.raises(DatabaseError, match="permission denied"):
        reader.run(f"DELETE FROM {table}")


def test_every_table_with_merchants_has_policies(read_model_database: ReadModelDatabase) -> None:
    unprotected = read_model_database.run(
        "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relkind = 'r' AND relnamespace = 'read_model'::regnamespace"
        " AND attname = 'merchant_id' AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    assert unprotected == []


@pytest.mark.parametrize(
    ("role", "statement", "transaction"),
    [
        ("livro_reader", "900ms", "5s"),
        ("livro_projector", "9s", "30s"),
        ("livro_closer", "55s", "30s"),
    ],
)
def test_each_role_has_its_limits(
    connect: Connect, role: str, statement: str, transaction: str
) -> None:
    connection = connect(role)
    assert connection.run("SHOW statement_timeout") == [[statement]]
    assert connection.run("SHOW idle_in_transaction_session_timeout") == [[transaction]]
    assert connection.run("SHOW idle_session_timeout") == [["10min"]]
    assert connection.run("SHOW search_path") == [["read_model"]]


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE mine ()", "TRUNCATE entries", "DROP TABLE entries"]
)
def test_a_projector_cannot_change_the_schema(connect: Connect, statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"):
        connect("livro_projector").run(statement)


@pytest.mark.parametrize("role", ["livro_reader", "livro_closer"])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM stored_totals",
        "SELECT * FROM counted_totals('{padaria}')",
        "SELECT * FROM total_differences('{padaria}')",
        f"SELECT * FROM incoming_entries({', '.join(['NULL'] * 18)})",
    ],
)
def test_only_the_projector_compares_totals(connect: Connect, role: str, statement: str) -> None:
    connect("livro_projector").run(statement)
    with pytest.raises(DatabaseError, match="permission denied"):
        connect(role).run(statement)


def test_the_totals_view_obeys_row_security(
    read_model_database: ReadModelDatabase, reader: Any, two_merchants: tuple[str, str]
) -> None:
    read_model_database.run("GRANT SELECT ON stored_totals TO livro_reader")
    try:
        assert _merchants_seen(reader, "stored_totals", two_merchants[0]) == [[two_merchants[0]]]
    finally:
        read_model_database.run("REVOKE SELECT ON stored_totals FROM livro_reader")


def _merchants_seen(reader: Any, table: str, merchant: str) -> Any:
    reader.run("BEGIN")
    reader.run("SELECT set_config('app.merchant', :merchant, true)", merchant=merchant)
    rows = reader.run(f"SELECT DISTINCT merchant_id FROM {table}")
    reader.run("COMMIT")
    return rows
