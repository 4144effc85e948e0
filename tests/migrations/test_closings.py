"""The tables of closings: marked days, what is inserted once, and who may do what."""

from collections.abc import Iterator
from typing import Any

import pytest
from pg8000.native import DatabaseError

from tests.fixtures.database import ReadModelDatabase

ONCE = ("closings", "sealed_entries", "closing_effects", "day_repairs")
TABLES = (*ONCE, "unsealed_days", "closing_outbox")


@pytest.fixture
def closer(read_model_database: ReadModelDatabase) -> Iterator[Any]:
    connection = read_model_database.connect("livro_closer")
    yield connection
    connection.close()


@pytest.fixture
def closed(read_model_database: ReadModelDatabase, merchant: str) -> str:
    """A merchant with one row in every table."""
    add_entry(read_model_database, merchant, "a", "2026-11-22")
    values = {
        "closings": f"'{merchant}', '2026-11-22', 1, 1, 'r', 'k', '{published(merchant)}', 'run'",
        "sealed_entries": f"'{merchant}', '2026-11-22', 'a', 1",
        "closing_effects": f"'{merchant}', 1, 'BRL', 'main', '2026-11-22', 1, 1",
        "day_repairs": f"'{merchant}', '2026-11-22', 0, 'day', 'main', 'BRL', '{{}}', 'r', now()",
        "closing_outbox": f"'{merchant}', 1",
    }
    for table, row in values.items():
        read_model_database.run(f"INSERT INTO {table} VALUES ({row})")
    return merchant


def published(merchant: str, root: str = "r") -> str:
    return (
        f'{{"merchant":"{merchant}","day":"2026-11-22","version":1,"sequence":1,'
        f'"root":"{root}","key_id":"k"}}'
    )


def add_entry(database: ReadModelDatabase, merchant: str, name: str, day: str) -> None:
    database.run(
        "INSERT INTO entries VALUES (:entry_id, :merchant, 'credit', 1, 'BRL', 'main', :day,"
        " '2026-11-22T12:00:00Z', '2026-11-22T12:00:00Z', now(), 'me', null, null, null, '{}',"
        " null, 'digest', 'digest') ON CONFLICT (entry_id) DO NOTHING",
        entry_id=f"{merchant}{name}".ljust(32, "x"),
        merchant=merchant,
        day=day,
    )


def marks(database: ReadModelDatabase, merchant: str) -> dict[str, int]:
    rows = database.run(
        "SELECT day::text, mark FROM unsealed_days WHERE merchant_id = :merchant", merchant=merchant
    )
    return dict(rows)


def test_each_new_entry_renews_its_days_mark(
    read_model_database: ReadModelDatabase, merchant: str
) -> None:
    add_entry(read_model_database, merchant, "a", "2026-11-22")
    first = marks(read_model_database, merchant)
    add_entry(read_model_database, merchant, "b", "2026-11-22")
    add_entry(read_model_database, merchant, "c", "2026-11-21")
    second = marks(read_model_database, merchant)
    assert second.keys() == {"2026-11-21", "2026-11-22"}
    assert second["2026-11-22"] > first["2026-11-22"]


def test_a_known_entry_marks_nothing(read_model_database: ReadModelDatabase, merchant: str) -> None:
    add_entry(read_model_database, merchant, "a", "2026-11-22")
    before = marks(read_model_database, merchant)
    add_entry(read_model_database, merchant, "a", "2026-11-22")
    assert marks(read_model_database, merchant) == before


@pytest.mark.parametrize("table", ONCE)
@pytest.mark.parametrize("change", ["DELETE FROM", "TRUNCATE", "UPDATE"])
def test_even_a_superuser_changes_no_closing(
    read_model_database: ReadModelDatabase, closed: str, table: str, change: str
) -> None:
    tail = " SET merchant_id = 'other'" if change == "UPDATE" else ""
    with pytest.raises(DatabaseError, match="inserted once and never changed"):
        read_model_database.run(f"{change} {table}{tail}")


@pytest.mark.parametrize("table", ONCE)
def test_a_closer_only_inserts_and_reads(closer: Any, closed: str, table: str) -> None:
    assert closer.run(f"SELECT count(*) FROM {table} WHERE merchant_id = '{closed}'") == [[1]]
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET day = day", f"TRUNCATE {table}"):
        with pytest.raises(DatabaseError, match="permission denied"):
            closer.run(statement)


@pytest.mark.parametrize("table", ["entries", "day_totals", "merchants"])
def test_a_closer_changes_no_entry_and_no_total(closer: Any, closed: str, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"INSERT INTO {table} (merchant_id) VALUES ('x')"):
        with pytest.raises(DatabaseError, match="permission denied"):
            closer.run(statement)


@pytest.mark.parametrize("table", TABLES)
def test_a_reader_sees_only_its_closings(
    read_model_database: ReadModelDatabase, closed: str, table: str
) -> None:
    reader = read_model_database.connect("livro_reader")
    assert reader.run(f"SELECT count(*) FROM {table}") == [[0]]
    reader.run("BEGIN")
    reader.run("SELECT set_config('app.merchant', :merchant, true)", merchant=closed)
    assert reader.run(f"SELECT DISTINCT merchant_id FROM {table}") == [[closed]]
    reader.close()


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
    read_model_database: ReadModelDatabase, closer: Any
) -> None:
    closer.run("INSERT INTO signing_keys VALUES ('k1', 'PEM') ON CONFLICT DO NOTHING")
    reader = read_model_database.connect("livro_reader")
    assert '"k1" : "PEM"' in reader.run("SELECT public_keys()")[0][0]
    reader.close()
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
            f" '{published(merchant)}', 'run')"
        )
