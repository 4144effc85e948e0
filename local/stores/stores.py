"""PostgreSQL and Valkey of one laptop cloud; each can be restarted after its end."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.paths import Paths
from local.stores.postgres import Postgres, start_postgres
from local.stores.valkey import Valkey, start_valkey

DATABASE = "livro_caixa"


@dataclass
class Stores:
    """The running stores. A restarted store has the same port, and PostgreSQL the same data."""

    paths: Paths
    durable: bool
    keep: bool
    postgres: Postgres
    valkey: Valkey

    def restart_postgres(self) -> None:
        """Restart PostgreSQL after its end."""
        port = self.postgres.port
        self.postgres = start_postgres(self.paths.postgres, port, self.durable, self.keep)

    def restart_valkey(self) -> None:
        """Restart Valkey after its end."""
        self.valkey = start_valkey(self.paths.valkey, self.valkey.port)

    def stop(self) -> None:
        """Stop both stores."""
        self.postgres.stop()
        self.valkey.stop()

    def variables(self) -> dict[str, str]:
        """Return the application's environment variables for these stores."""
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


def start_stores(paths: Paths, ports: Mapping[str, int], durable: bool, keep: bool) -> Stores:
    """Start both stores on the given ports.

    `durable` False skips fsync; `keep` False removes the data at the end.
    """
    postgres = start_postgres(paths.postgres, ports["postgres"], durable, keep)
    try:
        valkey = start_valkey(paths.valkey, ports["valkey"])
    except BaseException:
        postgres.stop()
        raise
    return Stores(paths, durable, keep, postgres, valkey)
