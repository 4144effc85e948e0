"""The read model's database: made, migrated, and filled from the ledger at each start."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from local.emulator import aws_client
from local.stores.postgres import Postgres
from local.stores.stores import DATABASE

if TYPE_CHECKING:
    import pg8000.native

FUNCTION = "livro-caixa-laptop-rebuild"


def prepare_read_model(postgres: Postgres) -> list[str]:
    """Make the database if it is not there, and migrate it; answer the migrations applied now.

    Raises MigrationError if the database was made by other migrations than these.
    """
    from chalicelib.migrations.runner import migrate

    with _administrator(postgres, "postgres") as connection:
        if not connection.run("SELECT 1 FROM pg_database WHERE datname = :name", name=DATABASE):
            connection.run(f"CREATE DATABASE {DATABASE}")
    with _administrator(postgres, DATABASE) as connection:
        return migrate(connection)


@contextmanager
def _administrator(postgres: Postgres, database: str) -> "Iterator[pg8000.native.Connection]":
    import pg8000.native

    connection = pg8000.native.Connection(
        postgres.superuser, host=postgres.host, port=postgres.port, database=database
    )
    try:
        yield connection
    finally:
        connection.close()


def _nobody(_news: str) -> None:
    pass


def rebuild(
    endpoint: str,
    merchant: str | None = None,
    tell: Callable[[str], None] = _nobody,
    position: str | None = None,
) -> dict[str, Any]:
    """Have the deployed function make the read model again; answer what it found.

    `merchant` None means every merchant, `position` goes on where an earlier one was left. Raises
    RebuildError.
    """
    from deploy import read_model as deployed

    lambdas = aws_client(endpoint, "lambda", **deployed.client_options())
    return deployed.rebuild(lambdas, FUNCTION, merchant, tell, position)
