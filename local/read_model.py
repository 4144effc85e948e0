"""The read model's database: made, migrated, and filled from the ledger at each start."""

import json
from typing import Any

from local.emulator import Emulator
from local.stores.both import DATABASE
from local.stores.postgres import Postgres


def prepare_read_model(postgres: Postgres) -> None:
    """Make the database if it is not there."""
    import pg8000.native

    connection = pg8000.native.Connection(postgres.superuser, postgres.host, port=postgres.port)
    try:
        if not connection.run("SELECT 1 FROM pg_database WHERE datname = :name", name=DATABASE):
            connection.run(f"CREATE DATABASE {DATABASE}")
    finally:
        connection.close()


def rebuild(emulator: Emulator, merchant: str | None = None) -> Any:
    """Have the deployed function make the read model again; answer what it says.

    `merchant` None means every merchant. Raises RuntimeError with the function's complaint.
    """
    from botocore.config import Config

    asked = {} if merchant is None else {"merchant_id": merchant}
    patient = Config(read_timeout=900, retries={"total_max_attempts": 1})
    answer = emulator.client("lambda", config=patient).invoke(
        FunctionName="livro-caixa-laptop-rebuild", Payload=json.dumps(asked)
    )
    said = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise RuntimeError(f"the rebuild of the read model failed: {said}")
    return json.loads(said)
