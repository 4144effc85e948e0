"""The read model's database: made, migrated, and filled from the ledger at each start."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from local.emulator import aws_client
from local.stores.both import DATABASE
from local.stores.postgres import Postgres

if TYPE_CHECKING:
    import pg8000.native


def prepare_read_model(postgres: Postgres) -> list[str]:
    """Make the database if it is not there, and migrate it; answer the migrations applied now.

    Raises MigrationRefused if the database was made by other migrations than these.
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


def rebuild(endpoint: str, merchant: str | None = None) -> Any:
    """Have the deployed function make the read model again; answer what it says.

    `merchant` None means every merchant. Raises RuntimeError with the function's complaint.
    """
    from botocore.config import Config

    asked = {} if merchant is None else {"merchant_id": merchant}
    patient = Config(read_timeout=900, retries={"total_max_attempts": 1})
    answer = aws_client(endpoint, "lambda", config=patient).invoke(
        FunctionName="livro-caixa-laptop-rebuild", Payload=json.dumps(asked)
    )
    said = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise RuntimeError(f"the rebuild of the read model failed: {said}")
    return json.loads(said)
