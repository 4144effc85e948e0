"""Ways to bring a batch of stream records into the read model in one statement and one commit."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from chalicelib.ledger.text import searchable
from chalicelib.projection.entry_changes import EntryChange, change_of_item
from chalicelib.projection.project import Ports, project
from chalicelib.projection.writer import columns, statement
from verification.benchmarks.servers import ReadModelServer

Record = dict[str, Any]
INCOMING = re.findall(
    r"SELECT \* FROM incoming_entries\(.*?\)\n", statement("add_entries.sql"), re.DOTALL
)[0]
"""The query of the entries as they are sent."""
NAMES = (
    "entry_id, merchant_id, type, amount_minor, currency, account, day, occurred_at,"
    " occurred_instant, recorded_at, recorded_by, category, description, search_text, metadata,"
    " reverses, text_digest, content_digest"
)
"""The columns of `entries`, in order."""


class Way(Protocol):
    """One way; `prepare` does what the way does not have to answer for."""

    def prepare(self, batch: Sequence[Record]) -> None:
        """Take a batch of new entries."""
        ...

    def run(self) -> None:
        """Bring it in, up to the commit."""
        ...


class Projector:
    """The project's own: from the records to the commit, with Redis before and after."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._batch: Sequence[Record] = ()

    def prepare(self, batch: Sequence[Record]) -> None:
        """Keep the records."""
        self._batch = batch

    def run(self) -> None:
        """Project them."""
        outcome = project(self._batch, self._ports)
        if outcome.new != len(self._batch):
            raise RuntimeError(f"{outcome} of a batch of {len(self._batch)} new entries")


class Part:
    """A part of what the projector does: `before` is made of a batch without time, then `work`."""

    def __init__(self, work: Callable[[Any], object], before: Callable[[Any], Any]) -> None:
        self._work = work
        self._before = before
        self._made: Any = None

    def prepare(self, batch: Sequence[Record]) -> None:
        """Do what comes before this part."""
        self._made = self._before(batch)

    def run(self) -> None:
        """Do this part."""
        self._work(self._made)


class RowsInServer:
    """The projector's SQL over rows that lie in a table of the server already: the limit."""

    def __init__(self, server: ReadModelServer) -> None:
        self._connection = server.connect("livro_projector")
        self._connection.run(_table("waiting"))
        self._put = self._connection.prepare(f"INSERT INTO waiting {INCOMING}")
        self._add = self._connection.prepare(over_table("waiting"))

    def prepare(self, batch: Sequence[Record]) -> None:
        """Put the rows into the table."""
        self._connection.run("TRUNCATE waiting")
        self._put.run(**columns(changes_of(batch)))

    def run(self) -> None:
        """Add what waits there."""
        self._add.run()


class CopiedRows:
    """psycopg 3 with its binary speed-ups: COPY into a temporary table, then the same SQL."""

    def __init__(self, server: ReadModelServer) -> None:
        import psycopg

        place = f"host={server.postgres.host} port={server.postgres.port} dbname=livro_caixa"
        self._connection = psycopg.connect(f"{place} user=livro_projector", prepare_threshold=0)
        self._connection.execute("SET search_path TO read_model")
        self._connection.execute(_table("sent"))
        self._connection.commit()
        self._batch: Sequence[Record] = ()

    def prepare(self, batch: Sequence[Record]) -> None:
        """Keep the records; empty the table that they are copied into."""
        self._batch = batch
        self._connection.execute("TRUNCATE sent")
        self._connection.commit()

    def run(self) -> None:
        """Read them as the projector does, copy the rows, add them, commit."""
        with self._connection.cursor() as cursor:
            with cursor.copy("COPY sent FROM STDIN") as copy:
                for row in rows_of(changes_of(self._batch)):
                    copy.write_row(row)
            cursor.execute(over_table("sent"))
        self._connection.commit()


def changes_of(batch: Sequence[Record]) -> list[EntryChange]:
    """Return what records say, as the projector reads them."""
    changes = (change_of_item(record["dynamodb"]["NewImage"]) for record in batch)
    return [change for change in changes if change is not None]


def over_table(name: str) -> str:
    """Return the projector's SQL with its rows from a table instead of sent arrays."""
    return statement("add_entries.sql").replace(INCOMING, f"SELECT * FROM {name}\n")


def rows_of(changes: Sequence[EntryChange]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the entries, in the order of NAMES."""
    for change in changes:
        one = change.entry
        yield (
            one.entry_id, one.merchant_id, one.type, one.amount_minor, one.currency, one.account,
            one.day, one.occurred_at, change.occurred, one.recorded_at, one.recorded_by,
            one.category, one.description, one.description and searchable(one.description),
            json.dumps(dict(one.metadata)), one.reverses, one.text_digest, change.digest,
        )  # fmt: skip


def _table(name: str) -> str:
    return f"CREATE TEMPORARY TABLE {name} AS SELECT {NAMES} FROM entries WITH NO DATA"
