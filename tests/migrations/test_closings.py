"""The tables of closings: marked days, immutable rows, and the rights of each role."""

from typing import Any

import pytest
from pg8000.native import DatabaseError

from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.merchant_rows import (
    IMMUTABLE,
    insert_closing,
    insert_entry,
    published_closing,
)
from tests.migrations.conftest import Connect


@pytest.fixture
def closed(read_model_database: ReadModelDatabase, merchant: str) -> str:
    """A merchant with one row in every table of closings."""
    insert_closing(read_model_database, merchant)
    return merchant


def marks(database: ReadModelDatabase, merchant: str) -> dict[str, int]:
    rows = database.run(
        "SELECT day::text, mark FROM unsealed_days WHERE merchant_id = :merchant", merchant=merchant
    )
    return dict(rows)


def test_each_new_entry_renews_its_days_mark(
    read_model_database: ReadModelDatabase, merchant: str
) -> None:
    insert_entry(read_model_database, merchant, "a", "2026-11-22")
    first = marks(read_model_database, merchant)
    insert_entry(read_model_database, merchant, "a", "2026-11-22")
    assert marks(read_model_database, merchant) == first
    insert_entry(read_model_database, merchant, "b", "2026-11-22")
    insert_entry(read_model_database, merchant, "c", "2026-11-21")
    second = marks(read_model_database, merchant)
    assert second.keys() == {"2026-11-21", "2026-11-22"}
    assert second["2026-11-22"] > first["2026-11-22"]


@pytest.mark.parametrize("table", IMMUTABLE)
@pytest.mark.parametrize("change", ["DELETE FROM", "TRUNCATE", "UPDATE"])
def test_even_a_superuser_changes_no_closing(
    read_model_database: ReadModelDatabase, closed: str, table: str, change: str
) -> None:
    tail = " SET merchant_id = 'other'" if change == "UPDATE" else ""
    with pytest.raises(DatabaseError, match="inserted once and never changed"):
        read_model_database.run(f"{change} {table}{tail}")


@pytest.mark.parametrize("table", IMMUTABLE)
def test_a_closer_only_inserts_and_reads(closer: Any, closed: str, table: str) -> None:
    assert closer.run(f"SELECT count(*) FROM {table} WHERE merchant_id = '{closed}'") == [[1]]
    _expect_denied(
        closer, f"DELETE FROM {table}", f"UPDATE {table} SET day = day", f"TRUNCATE {table}"
    )


def test_a_closer_changes_no_sum_of_closings(closer: Any, closed: str) -> None:
    sums = f"SELECT period, net_minor, entries FROM sealed_totals WHERE merchant_id = '{closed}'"
    before = sorted(closer.run(sums))
    assert [period for period, _, _ in before] == ["month", "year"]
    _expect_denied(
        closer,
        "UPDATE sealed_totals SET net_minor = 0",
        "DELETE FROM sealed_totals",
        "INSERT INTO sealed_totals VALUES ('x', 'year', '2026-01-01', 'BRL', 'main', 1, 1)",
    )
    closer.run("SELECT recompute_sealed_totals(:merchant)", merchant=closed)
    assert sorted(closer.run(sums)) == before


@pytest.mark.parametrize("role", ["livro_closer", "livro_projector", "livro_reader"])
def test_no_role_reuses_the_trigger_of_sums(connect: Connect, role: str) -> None:
    connection = connect(role)
    for function in ("add_sealed_totals()", "recompute_sealed_totals(text)"):
        statement = f"SELECT has_function_privilege('{function}', 'execute')"
        may = role == "livro_closer" and "recompute" in function
        assert connection.run(statement) == [[may]]


@pytest.mark.parametrize("table", ["entries", "day_totals", "merchants"])
def test_a_closer_changes_no_entry_and_no_total(closer: Any, closed: str, table: str) -> None:
    _expect_denied(
        closer, f"DELETE FROM {table}", f"INSERT INTO {table} (merchant_id) VALUES ('x')"
    )


def _expect_denied(connection: Any, *statements: str) -> None:
    for statement in statements:
        with pytest.raises(DatabaseError, match="permission denied"):
            connection.run(statement)


def test_a_version_and_a_sequence_number_exist_once(
    read_model_database: ReadModelDatabase, closed: str
) -> None:
    columns = "day, version, sequence, root, key_id, published, run"
    for day, version, sequence in (("2026-11-22", 1, 2), ("2026-11-21", 1, 1)):
        with pytest.raises(DatabaseError, match="duplicate key"):
            read_model_database.run(
                f"INSERT INTO closings (merchant_id, {columns}) SELECT merchant_id, '{day}',"
                f" {version}, {sequence}, root, key_id, replace(replace(published,"
                f" '2026-11-22', '{day}'), '\"sequence\":1', '\"sequence\":{sequence}'), run"
                f" FROM closings WHERE merchant_id = '{closed}'"
            )


def test_a_public_key_is_readable_and_permanent(
    read_model_database: ReadModelDatabase, closer: Any, reader: Any
) -> None:
    closer.run("INSERT INTO signing_keys VALUES ('k1', 'PEM') ON CONFLICT DO NOTHING")
    assert '"k1" : "PEM"' in reader.run("SELECT public_keys()")[0][0]
    with pytest.raises(DatabaseError, match="permission denied"):
        closer.run("DELETE FROM signing_keys")
    with pytest.raises(DatabaseError, match="inserted once and never changed"):
        read_model_database.run("UPDATE signing_keys SET public_key = 'other'")


def test_a_closing_must_match_its_columns(
    read_model_database: ReadModelDatabase, merchant: str
) -> None:
    with pytest.raises(DatabaseError, match="check constraint"):
        read_model_database.run(
            f"INSERT INTO closings VALUES ('{merchant}', '2026-11-22', 1, 1, 'other', 'k',"
            f" '{published_closing(merchant)}', 'run')"
        )
