"""The schema's files are applied once each, in order, by one runner at a time."""

from contextlib import closing
from pathlib import Path

import pytest
from pg8000.native import DatabaseError

from chalicelib.migrations import runner
from chalicelib.migrations.runner import Migration, MigrationError, migrate, migrations
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.stores import Database
from tests.fixtures.threads import crowd


@pytest.fixture
def empty(database: Database) -> ReadModelDatabase:
    """A database that has never been migrated."""
    return ReadModelDatabase(database.host, database.port, database.name, database.superuser)


def _migrate(database: ReadModelDatabase, files: list[Migration] | None = None) -> list[str]:
    with closing(database.connect(database.superuser)) as connection:
        return migrate(connection, files)


def _files(folder: Path, *names: str, statements: str = "SELECT 1") -> list[Migration]:
    """Write files, besides those that the folder already has; return all as migrations."""
    for name in names:
        (folder / name).write_text(statements)
    return migrations(folder)


@pytest.mark.parametrize(
    ("applied", "present", "message"),
    [
        (["0001_one.sql"], ["0001_one.sql"], r"0001_one\.sql was changed"),
        (["0001_one.sql", "0002_two.sql"], [], r"0002_two\.sql was applied"),
        (["0002_two.sql"], ["0001_one.sql"], r"0001_one\.sql would come before"),
    ],
)
def test_a_different_history_is_rejected(
    empty: ReadModelDatabase, tmp_path: Path, applied: list[str], present: list[str], message: str
) -> None:
    _migrate(empty, _files(tmp_path, *applied))
    if not present:
        (tmp_path / "0002_two.sql").unlink()
    with pytest.raises(MigrationError, match=message):
        _migrate(empty, _files(tmp_path, *present, statements="SELECT 2"))


def test_files_are_applied_once_in_order(empty: ReadModelDatabase) -> None:
    names = [migration.name for migration in migrations()]
    assert names == sorted(names)
    assert _migrate(empty) == names
    assert _migrate(empty) == []


def test_two_runners_at_once_apply_each_file_once(empty: ReadModelDatabase) -> None:
    applied = crowd(4, lambda _: _migrate(empty))
    assert sorted(len(names) for names in applied if isinstance(names, list))[:3] == [0, 0, 0]
    assert [migration.name for migration in migrations()] in applied


def test_a_failed_file_changes_nothing(empty: ReadModelDatabase, tmp_path: Path) -> None:
    _files(tmp_path, "0001_one.sql")
    failing = "CREATE TABLE two (n integer); SELECT 1 / 0"
    with pytest.raises(DatabaseError, match="division by zero"):
        _migrate(empty, _files(tmp_path, "0002_two.sql", statements=failing))
    corrected = _files(tmp_path, "0002_two.sql", statements="CREATE TABLE two (n integer)")
    assert _migrate(empty, corrected) == ["0002_two.sql"]


CONCURRENT = """-- outside of a transaction
-- Lists need it.
DROP INDEX CONCURRENTLY IF EXISTS one_n;
CREATE INDEX CONCURRENTLY one_n ON one (n);
"""


def test_an_index_is_created_concurrently(empty: ReadModelDatabase, tmp_path: Path) -> None:
    _files(tmp_path, "0001_one.sql", statements="CREATE TABLE one (n integer)")
    names = ["0001_one.sql", "0002_index.sql"]
    files = _files(tmp_path, "0002_index.sql", statements=CONCURRENT)
    applied = crowd(3, lambda _: _migrate(empty, files))
    assert sorted(applied, key=str) == [names, [], []]
    indexes = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'read_model.one_n'::regclass"
    assert empty.run(indexes) == [[True]]


def test_an_interrupted_file_outside_is_run_again(empty: ReadModelDatabase, tmp_path: Path) -> None:
    statements = "CREATE TABLE one (n integer); INSERT INTO one VALUES (1), (1)"
    _files(tmp_path, "0001_one.sql", statements=statements)
    unique = CONCURRENT.replace("CREATE INDEX", "CREATE UNIQUE INDEX")
    with pytest.raises(DatabaseError, match="could not create unique index"):
        _migrate(empty, _files(tmp_path, "0002_index.sql", statements=unique))
    empty.run("DELETE FROM one")
    assert _migrate(empty, migrations(tmp_path)) == ["0002_index.sql"]


def test_a_long_statement_in_a_transaction_ends(
    empty: ReadModelDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LOCK_SECONDS", 1)
    with pytest.raises(DatabaseError, match="statement timeout"):
        _migrate(empty, _files(tmp_path, "0001_one.sql", statements="SELECT pg_sleep(60)"))


def test_the_owner_may_migrate(empty: ReadModelDatabase, tmp_path: Path) -> None:
    _migrate(empty)
    more = _files(tmp_path, "9999_more.sql", statements="CREATE TABLE more (n integer)")
    with closing(empty.connect("livro_owner")) as connection:
        assert migrate(connection, [*migrations(), *more]) == ["9999_more.sql"]


def test_the_owner_owns_everything(read_model_database: ReadModelDatabase) -> None:
    owners = read_model_database.run(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'read_model'"
    )
    assert owners == [["livro_owner"]]
