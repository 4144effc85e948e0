"""Temporary servers for a benchmark on loopback, which this process's settings name."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from chalicelib.runtime import clients, wiring
from chalicelib.storage.postgres import Connections
from local.read_model import prepare_read_model
from local.stores.postgres import Postgres, start_postgres
from local.stores.stores import DATABASE
from local.stores.valkey import start_valkey

TIMEOUT_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class ReadModelServer:
    """A migrated read model for one benchmark."""

    postgres: Postgres

    def connect(self, role: str | None = None) -> Any:
        """Return a new connection like those of the functions; the caller closes it.

        Without a role it is the superuser's, to which row-level security does not apply.
        """
        connection = clients.database(role or self.postgres.superuser, TIMEOUT_SECONDS)
        connection.run("SET search_path TO read_model; SET statement_timeout = 0")
        return connection

    def connections(self, role: str = "livro_projector") -> Connections:
        """Return one kept connection of a role."""
        return Connections(lambda: self.connect(role))

    def administrate(self, script: str) -> None:
        """Run statements as the superuser."""
        with closing(self.connect()) as connection:
            connection.run(script)


@contextmanager
def read_model_server(durable: bool = True) -> Iterator[ReadModelServer]:
    """Start a server with an empty read model, and name it in this process's settings."""
    postgres = start_postgres(durable=durable)
    try:
        prepare_read_model(postgres)
        os.environ |= {
            "DATABASE_HOST": postgres.host,
            "DATABASE_PORT": str(postgres.port),
            "DATABASE_NAME": DATABASE,
            "DATABASE_TLS": "off",
            "DATABASE_AUTH": "trust",
        }
        wiring.reset()
        server = ReadModelServer(postgres)
        # As after a rebuild of an empty ledger; before, no read is answered.
        server.administrate("DELETE FROM unfinished_rebuild")
        yield server
    finally:
        postgres.stop()


@contextmanager
def valkey_server() -> Iterator[None]:
    """Start an empty Valkey, and stop it at the end."""
    valkey = start_valkey()
    try:
        os.environ |= {
            "REDIS_HOST": valkey.host,
            "REDIS_PORT": str(valkey.port),
            "REDIS_TLS": "off",
        }
        wiring.reset()
        yield
    finally:
        valkey.stop()
