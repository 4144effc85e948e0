"""Servers of a benchmark's own on loopback; this process's settings name them while they run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chalicelib.runtime import clients, settings
from chalicelib.storage.postgres import Connections
from local.read_model import prepare_read_model
from local.stores.postgres import Postgres, start_postgres
from local.stores.stores import DATABASE
from local.stores.valkey import start_valkey

PATIENCE_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class ReadModelServer:
    """A migrated read model; nobody else uses it."""

    postgres: Postgres

    def connect(self, role: str | None = None) -> Any:
        """Return a new connection as the functions make theirs; the caller closes it.

        Without a role it is the superuser's, to whom row-level security does not apply.
        """
        connection = clients.database(role or self.postgres.superuser, PATIENCE_SECONDS)
        connection.run("SET search_path TO read_model; SET statement_timeout = 0")
        return connection

    def connections(self, role: str = "livro_projector") -> Connections:
        """Return a single kept connection of a role."""
        return Connections(lambda: self.connect(role))

    def administrate(self, script: str) -> list[list[Any]]:
        """Run statements as the superuser and return the last one's rows."""
        connection = self.connect()
        try:
            rows: list[list[Any]] = connection.run(script)
            return rows
        finally:
            connection.close()


@contextmanager
def read_model_server(durable: bool = True) -> Iterator[ReadModelServer]:
    """Start a server with an empty read model, which this process's settings then name."""
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
        settings.current.cache_clear()
        yield ReadModelServer(postgres)
    finally:
        postgres.stop()


@contextmanager
def valkey_server() -> Iterator[None]:
    """Start an empty fast memory, and stop it at the end."""
    valkey = start_valkey(durable=False)
    try:
        os.environ |= {
            "REDIS_HOST": valkey.host,
            "REDIS_PORT": str(valkey.port),
            "REDIS_TLS": "off",
        }
        settings.current.cache_clear()
        clients.redis.cache_clear()
        yield
    finally:
        valkey.stop()
