"""The schema's files are applied once each, in order, by one runner at a time."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from pg8000.native import DatabaseError

from chalicelib.migrations import runner
from chalicelib.migrations.runner import (
    STATEMENT_BY_STATEMENT,
    Migration,
    MigrationError,
    migrate,
    migrations,
)
from tests.fixtures.database import ReadModelDatabase, until_somebody_waits
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


def _is_valid(database: ReadModelDatabase, index: str) -> bool:
    query = "SELECT indisvalid FROM pg_index WHERE indexrelid = CAST(:index AS regclass)"
    return database.run(query, index=index) == [[True]]


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


def _in_turn() -> tuple[list[Migration], list[Migration]]:
    """Return the files of one SQL transaction each, and those that build indexes after them."""
    building = [file for file in migrations() if file.statements.startswith(STATEMENT_BY_STATEMENT)]
    return [file for file in migrations() if file not in building], building


def test_files_are_applied_once_in_order(empty: ReadModelDatabase) -> None:
    first, building = _in_turn()
    names = [migration.name for migration in first + building]
    assert len(names) == len(migrations())
    assert _migrate(empty) == names
    assert _migrate(empty) == []


def test_two_runners_at_once_apply_each_file_once(empty: ReadModelDatabase) -> None:
    applied = crowd(4, lambda _: _migrate(empty))
    assert sorted(len(names) for names in applied if isinstance(names, list))[:3] == [0, 0, 0]
    first, building = _in_turn()
    assert [migration.name for migration in first + building] in applied


def test_a_failed_file_changes_nothing(empty: ReadModelDatabase, tmp_path: Path) -> None:
    _files(tmp_path, "0001_one.sql")
    failing = "CREATE TABLE two (n integer); SELECT 1 / 0"
    with pytest.raises(DatabaseError, match="division by zero"):
        _migrate(empty, _files(tmp_path, "0002_two.sql", statements=failing))
    corrected = _files(tmp_path, "0002_two.sql", statements="CREATE TABLE two (n integer)")
    assert _migrate(empty, corrected) == ["0002_two.sql"]


def test_an_index_is_built_while_others_write(empty: ReadModelDatabase, tmp_path: Path) -> None:
    _migrate(empty, _files(tmp_path, "0001_one.sql", statements="CREATE TABLE one (n integer)"))
    building = STATEMENT_BY_STATEMENT + (
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS ones ON one (n);\n"
    )
    files = _files(tmp_path, "0002_two.sql", statements=building)
    with closing(empty.connect(empty.superuser)) as writer, ThreadPoolExecutor(2) as pool:
        writer.run("BEGIN; INSERT INTO read_model.one VALUES (1)")
        runs = [pool.submit(_migrate, empty, files) for _ in range(2)]
        until_somebody_waits(empty)  # the index for the writer, who goes on meanwhile
        with closing(empty.connect(empty.superuser)) as another:
            another.run("INSERT INTO read_model.one VALUES (2)")
        writer.run("COMMIT")
        assert sorted(run.result() for run in runs) == [[], ["0002_two.sql"]]
    assert _is_valid(empty, "ones")


def test_a_failed_file_of_statements_runs_again(empty: ReadModelDatabase, tmp_path: Path) -> None:
    names = ["0001_one.sql", "0002_two.sql"]
    twice = "CREATE TABLE one (n integer); INSERT INTO one VALUES (1), (1)"
    building = STATEMENT_BY_STATEMENT + (
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ones ON one (n);\n"
    )
    _files(tmp_path, names[0], statements=twice)
    with pytest.raises(DatabaseError, match="could not create unique index"):
        _migrate(empty, _files(tmp_path, names[1], statements=building))
    empty.run("TRUNCATE one")
    assert _migrate(empty, migrations(tmp_path)) == names[1:]
    assert _is_valid(empty, "ones")


def test_a_finished_index_is_kept(empty: ReadModelDatabase) -> None:
    """A build that outlasts the function is finished by the server and recorded by nobody."""
    _migrate(empty)
    index = "SELECT 'entries_in_list_order'::regclass::oid"
    finished = empty.run(index)
    last = _in_turn()[1][-1].name
    empty.run("DELETE FROM migrations WHERE name = :name", name=last)
    assert _migrate(empty) == [last]
    assert empty.run(index) == finished


def test_numbers_are_consecutive_from_one() -> None:
    numbers = [int(migration.name[:4]) for migration in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_everything_but_indexes_is_there_before(empty: ReadModelDatabase) -> None:
    """While indexes are built, which may take several deployments, everything else is there."""
    first, building = _in_turn()
    assert max(file.name for file in first) > building[0].name
    _migrate(empty, first)
    everything = (
        "SELECT proname FROM pg_proc WHERE pronamespace = 'read_model'::regnamespace UNION ALL"
        " SELECT tablename FROM pg_tables WHERE schemaname = 'read_model' ORDER BY 1"
    )
    before = empty.run(everything)
    assert _migrate(empty) == [file.name for file in building]
    assert empty.run(everything) == before


def test_the_new_order_of_lists_rejects_cursors(empty: ReadModelDatabase) -> None:
    _migrate(empty, [file for file in migrations() if file.name < "0009"])
    earlier = empty.run("SELECT secret FROM cursor_key")
    _migrate(empty)
    ((secret,),) = empty.run("SELECT secret FROM cursor_key")
    assert len(secret) == 32
    assert [[secret]] != earlier


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
