"""The read model's database: created, migrated, and rebuilt from the ledger at each start."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Any

from local.emulator import aws_client
from local.stores.postgres import Postgres
from local.stores.stores import DATABASE

if TYPE_CHECKING:
    import pg8000.native

FUNCTION = "livro-caixa-laptop-rebuild"


def prepare_read_model(postgres: Postgres) -> list[str]:
    """Create the database if it is missing, and migrate it; return the migrations applied now.

    Raises MigrationError if other migrations than this project's were applied to the database.
    """
    from chalicelib.migrations.runner import migrate

    with _administrator(postgres, "postgres") as connection:
        if not connection.run("SELECT 1 FROM pg_database WHERE datname = :name", name=DATABASE):
            connection.run(f"CREATE DATABASE {DATABASE}")
    with _administrator(postgres, DATABASE) as connection:
        return migrate(connection)


def _administrator(
    postgres: Postgres, database: str
) -> "AbstractContextManager[pg8000.native.Connection]":
    import pg8000.native

    return closing(
        pg8000.native.Connection(
            postgres.superuser,
            host=postgres.host,
            port=postgres.port,
            database=database,
            ssl_context=False,
        )
    )


def rebuild(
    endpoint: str,
    merchant: str | None = None,
    report: Callable[[str], None] = lambda _line: None,
    position: str | None = None,
) -> dict[str, Any]:
    """Rebuild the read model by the deployed function; return its counts.

    `merchant` None means all merchants; `position` resumes an earlier rebuild. Raises RebuildError.
    """
    from deploy import read_model as deployed

    lambdas = aws_client(endpoint, "lambda", **deployed.client_options())
    return deployed.rebuild(lambdas, FUNCTION, merchant, report, position)
