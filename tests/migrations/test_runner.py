"""The schema's files are applied once each, in order, by one runner at a time."""

import threading
from pathlib import Path

import pytest
from pg8000.native import DatabaseError

from chalicelib.migrations.runner import Migration, MigrationError, migrate, migrations
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.stores import Database


@pytest.fixture
def empty(database: Database) -> ReadModelDatabase:
    """A database that has never been migrated."""
    return ReadModelDatabase(database.host, database.port, database.name, database.superuser)


def _migrate(database: ReadModelDatabase, files: list[Migration] | None = None) -> list[str]:
    connection = database.connect(database.superuser)
    try:
        return migrate(connection, files)
    finally:
        connection.close()


def _file(folder: Path, name: str, statements: str) -> None:
    (folder / name).write_text(statements)


def test_files_are_applied_once_in_order(empty: ReadModelDatabase) -> None:
    names = [migration.name for migration in migrations()]
    assert names == sorted(names)
    assert _migrate(empty) == names
    assert _migrate(empty) == []


def test_two_runners_at_once_apply_each_file_once(empty: ReadModelDatabase) -> None:
    applied: list[list[str]] = []
    start = threading.Barrier(4)

    def run() -> None:
        start.wait()
        applied.append(_migrate(empty))

    runners = [threading.Thread(target=run) for _ in range(4)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert sorted(applied, reverse=True)[0] == [migration.name for migration in migrations()]
    assert sorted(map(len, applied))[:3] == [0, 0, 0]


def test_a_changed_file_is_rejected(empty: ReadModelDatabase, tmp_path: Path) -> None:
    _file(tmp_path, "0001_one.sql", "CREATE TABLE one (n integer)")
    _migrate(empty, migrations(tmp_path))
    _file(tmp_path, "0001_one.sql", "CREATE TABLE one (n bigint)")
    with pytest.raises(MigrationError, match=r"0001_one\.sql was changed"):
        _migrate(empty, migrations(tmp_path))


def test_a_missing_file_is_rejected(empty: ReadModelDatabase, tmp_path: Path) -> None:
    _file(tmp_path, "0001_one.sql", "CREATE TABLE one (n integer)")
    _file(tmp_path, "0002_two.sql", "CREATE TABLE two (n integer)")
    _migrate(empty, migrations(tmp_path))
    (tmp_path / "0002_two.sql").unlink()
    with pytest.raises(MigrationError, match=r"0002_two\.sql was applied"):
        _migrate(empty, migrations(tmp_path))


def test_an_earlier_file_is_rejected(empty: ReadModelDatabase, tmp_path: Path) -> None:
    _file(tmp_path, "0002_two.sql", "CREATE TABLE two (n integer)")
    _migrate(empty, migrations(tmp_path))
    _file(tmp_path, "0001_one.sql", "CREATE TABLE one (n integer)")
    with pytest.raises(MigrationError, match=r"0001_one\.sql would come before"):
        _migrate(empty, migrations(tmp_path))


def test_a_failed_file_changes_nothing(empty: ReadModelDatabase, tmp_path: Path) -> None:
    _file(tmp_path, "0001_one.sql", "CREATE TABLE one (n integer)")
    _file(tmp_path, "0002_two.sql", "CREATE TABLE two (n integer); SELECT 1 / 0")
    with pytest.raises(DatabaseError, match="division by zero"):
        _migrate(empty, migrations(tmp_path))
    _file(tmp_path, "0002_two.sql", "CREATE TABLE two (n integer)")
    assert _migrate(empty, migrations(tmp_path)) == ["0002_two.sql"]


def test_the_owner_may_migrate(empty: ReadModelDatabase, tmp_path: Path) -> None:
    _migrate(empty)
    _file(tmp_path, "9999_more.sql", "CREATE TABLE more (n integer)")
    connection = empty.connect("livro_owner")
    assert migrate(connection, [*migrations(), *migrations(tmp_path)]) == ["9999_more.sql"]
    connection.close()


def test_the_owner_owns_everything(read_model_database: ReadModelDatabase) -> None:
    owners = read_model_database.run(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'read_model'"
    )
    assert owners == [["livro_owner"]]
