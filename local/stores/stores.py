"""PostgreSQL and Valkey of one laptop cloud, each of which can be started again after its end."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.paths import Places
from local.stores.postgres import Postgres, start_postgres
from local.stores.valkey import Valkey, start_valkey

DATABASE = "livro_caixa"


@dataclass
class Stores:
    """The running stores. A restart replaces one by a new server on the same port and data."""

    places: Places
    durable: bool
    keep: bool
    postgres: Postgres
    valkey: Valkey

    def restart_postgres(self) -> None:
        """Start PostgreSQL again after its end."""
        port = self.postgres.port
        self.postgres = start_postgres(self.places.postgres, port, self.durable, self.keep)

    def restart_valkey(self) -> None:
        """Start Valkey again after its end."""
        self.valkey = start_valkey(self.places.valkey, self.valkey.port, self.durable)

    def stop(self) -> None:
        """Stop both."""
        self.postgres.stop()
        self.valkey.stop()

    def variables(self) -> dict[str, str]:
        """Answer the environment variables that tell the application where the stores are."""
        return {
            "DATABASE_HOST": self.postgres.host,
            "DATABASE_PORT": str(self.postgres.port),
            "DATABASE_NAME": DATABASE,
            "DATABASE_TLS": "off",
            "DATABASE_AUTH": "trust",
            "REDIS_HOST": self.valkey.host,
            "REDIS_PORT": str(self.valkey.port),
            "REDIS_TLS": "off",
        }


def start_stores(places: Places, ports: Mapping[str, int], durable: bool, keep: bool) -> Stores:
    """Start both on the given ports.

    `durable` False forgoes fsync; `keep` False has the data removed at the end.
    """
    postgres = start_postgres(places.postgres, ports["postgres"], durable, keep)
    try:
        valkey = start_valkey(places.valkey, ports["valkey"], durable)
    except BaseException:
        postgres.stop()
        raise
    return Stores(places, durable, keep, postgres, valkey)
