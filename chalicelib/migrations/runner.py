"""Migrate the read model's schema: each file once, in order, one runner at a time."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib import observability
from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.runtime import clients

OWNER = "livro_owner"
TIMEOUT_SECONDS = 870.0
"""An index of a large table takes minutes; the function ends after 900 s."""
STATEMENT_BY_STATEMENT = "-- statement by statement\n"
LOCK_SECONDS = 120
"""How long a file in one SQL transaction may keep others waiting."""
_LOCK_PAUSE_SECONDS = 0.1
_LOCK = 0x6C6976726F  # "livro": any number that nothing else in this database locks


class MigrationError(LivroCaixaError):
    """The applied files differ from the files here; the message names the file."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A numbered file: its name, its statements, and the SHA-256 of its bytes in hex."""

    name: str
    statements: str
    checksum: str


def run_task(event: Mapping[str, Any]) -> dict[str, Any]:
    """Migrate as the database role `role` of the event, by default livro_owner: the Lambda task.

    The first migration of a server needs a role that may create roles; it creates the others.
    """
    role = str(event.get("role") or OWNER)
    connection = clients.database(role, timeout=TIMEOUT_SECONDS)
    try:
        applied = migrate(connection)
    finally:
        connection.close()
    observability.log("migrated", applied=applied)
    return {"applied": applied}


def migrate(connection: Any, files: list[Migration] | None = None) -> list[str]:
    """Apply the files that are not applied yet; return their names, in the order of their turn.

    A second runner waits for the first. Each file is one SQL transaction, so a file that fails
    changes nothing. A file that begins with STATEMENT_BY_STATEMENT has none, so that it can build
    an index while others write. After a failure all of it runs again, which its statements allow:
    they create an index if it does not exist, and one that was not finished is dropped before. One
    that the server finished after its runner had ended is kept. Such files come after all others,
    whatever their numbers, so that nothing but an index is missing while they run or fail.
    Raises MigrationError when an applied file was changed or is missing, or when a new file would
    come before an applied one.
    """
    with _locked(connection):
        _prepare_roles(connection)
        connection.run(f"SET ROLE {OWNER}; SET search_path TO read_model")
        _create_record(connection)
        pending = _pending(_applied(connection), files or migrations())
        for migration in pending:
            _apply(connection, migration)
    return [migration.name for migration in pending]


def migrations(folder: Path | None = None) -> list[Migration]:
    """Return the numbered files of this folder in the order of their numbers."""
    paths = sorted((folder or Path(__file__).parent).glob("[0-9]*.sql"))
    return [_read(path) for path in paths]


def _read(path: Path) -> Migration:
    statements = path.read_text(encoding="utf-8")
    return Migration(path.name, statements, hashlib.sha256(statements.encode()).hexdigest())


@contextmanager
def _locked(connection: Any) -> Iterator[None]:
    # The lock belongs to the connection, so it is released when a runner dies. A second runner does
    # not wait within a statement, because the first one's CREATE INDEX CONCURRENTLY would wait for
    # the end of that statement.
    while not connection.run(f"SELECT pg_try_advisory_lock({_LOCK})")[0][0]:
        time.sleep(_LOCK_PAUSE_SECONDS)
    try:
        yield
    finally:
        connection.run(f"RESET ROLE; SELECT pg_advisory_unlock({_LOCK})")


def _prepare_roles(connection: Any) -> None:
    may_create_roles = connection.run(
        "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )[0][0]
    if may_create_roles:
        _in_transaction(
            connection, Path(__file__).with_name("roles.sql").read_text(encoding="utf-8")
        )


def _create_record(connection: Any) -> None:
    connection.run(
        "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, checksum text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now())"
    )


def _applied(connection: Any) -> dict[str, str]:
    return dict(connection.run("SELECT name, checksum FROM migrations"))


def _pending(applied: Mapping[str, str], files: list[Migration]) -> list[Migration]:
    known = {migration.name: migration for migration in files}
    for name, checksum in applied.items():
        if name not in known:
            raise MigrationError(
                f"{name} was applied but is missing here; deploy the code that contains it."
            )
        if known[name].checksum != checksum:
            raise MigrationError(
                f"{name} was changed after it was applied; restore its text and add a new file."
            )
    pending = [migration for migration in files if migration.name not in applied]
    building = [migration for migration in pending if _is_statement_by_statement(migration)]
    others = [migration for migration in pending if migration not in building]
    early = [migration.name for migration in others if migration.name < max(applied, default="")]
    if early:
        raise MigrationError(f"{early[0]} would come before an applied file; give it a new number.")
    return others + building


def _apply(connection: Any, migration: Migration) -> None:
    # Names and checksums contain no quotation mark, so they can be part of the script.
    record = f"INSERT INTO migrations VALUES ('{migration.name}', '{migration.checksum}')"  # noqa: S608
    if not _is_statement_by_statement(migration):
        limit = f"SET LOCAL statement_timeout = '{LOCK_SECONDS}s'"
        _in_transaction(connection, f"{limit};{migration.statements}\n;{record}")
        return
    _drop_unfinished_indexes(connection)
    for statement in [*migration.statements.split(";\n"), record]:
        if statement.strip():
            connection.run(statement)


def _is_statement_by_statement(migration: Migration) -> bool:
    return migration.statements.startswith(STATEMENT_BY_STATEMENT)


def _drop_unfinished_indexes(connection: Any) -> None:
    # None of them is still being built: the session that builds one has the runners' lock.
    unfinished = connection.run(
        "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
        " WHERE NOT indisvalid AND relnamespace = 'read_model'::regnamespace"
    )
    for (name,) in unfinished:
        connection.run(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def _in_transaction(connection: Any, statements: str) -> None:
    connection.run("BEGIN")
    try:
        connection.run(statements)
    except BaseException:
        connection.run("ROLLBACK")
        raise
    connection.run("COMMIT")
