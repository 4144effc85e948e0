"""Ways to write a batch of stream records to the read model: one statement, COPY, or row by row."""

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
ADD_ENTRIES = statement("add_entries.sql")
_COLUMNS = re.findall(
    r"\w+", re.findall(r"INSERT INTO entries \((.*?)\)", ADD_ENTRIES, re.DOTALL)[0]
)
NAMES = ", ".join(_COLUMNS)
"""The columns in the order in which entries are sent."""
INCOMING = re.findall(r"SELECT \* FROM incoming_entries\(.*?\n    \)", ADD_ENTRIES, re.DOTALL)[0]
_INSERT = f"""
    INSERT INTO entries ({NAMES}) VALUES ({", ".join(f":{name}" for name in _COLUMNS)})
    ON CONFLICT (entry_id) DO NOTHING RETURNING 1
"""
_PROGRESS = """
    INSERT INTO merchants AS merchant VALUES (:merchant, :recorded)
    ON CONFLICT (merchant_id) DO UPDATE SET newest_recorded_at
        = greatest(merchant.newest_recorded_at, excluded.newest_recorded_at)
"""
_TOTAL = """
    INSERT INTO {table} AS total
    VALUES (:merchant, :currency, :period, :name,
        CAST(:credit AS bigint), CAST(:debit AS bigint), 1)
    ON CONFLICT (merchant_id, currency, {period}, {name}) DO UPDATE SET
        credits_minor = total.credits_minor + excluded.credits_minor,
        debits_minor = total.debits_minor + excluded.debits_minor,
        entries = total.entries + 1
"""
_TABLES = (
    ("day_totals", "day", "account"),
    ("month_totals", "month", "account"),
    ("year_totals", "year", "account"),
    ("category_totals", "day", "category"),
)


class Strategy(Protocol):
    """One way to write a batch."""

    def prepare(self, batch: Sequence[Record]) -> None:
        """Receive a batch of new entries; this is not measured."""
        ...

    def run(self) -> None:
        """Write the batch, up to the commit."""
        ...


class Part:
    """A part of the projector's work: `before` prepares its input, `work` is measured."""

    def __init__(self, work: Callable[[Any], object], before: Callable[[Any], Any]) -> None:
        self._work = work
        self._before = before
        self._input: Any = None

    def prepare(self, batch: Sequence[Record]) -> None:
        """Do what comes before this part."""
        self._input = self._before(batch)

    def run(self) -> None:
        """Do this part."""
        self._work(self._input)


def projector(ports: Ports) -> Part:
    """Return the whole projector, from the records to the commit."""

    def run(batch: Sequence[Record]) -> None:
        outcome = project(batch, ports)
        if outcome.new != len(batch):
            raise RuntimeError(f"{outcome} of a batch of {len(batch)} new entries")

    return Part(run, list)


class RowsInServer:
    """The projector's SQL over rows that are in a table of the server already: the limit."""

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
        """Add these rows."""
        self._add.run()


class CopiedRows:
    """psycopg 3 with its C extension: COPY into a temporary table, then the same SQL."""

    def __init__(self, server: ReadModelServer) -> None:
        import psycopg

        place = f"host={server.postgres.host} port={server.postgres.port} dbname=livro_caixa"
        self._connection = psycopg.connect(f"{place} user=livro_projector", prepare_threshold=0)
        self._connection.execute("SET search_path TO read_model")
        self._connection.execute(_table("sent"))
        self._connection.commit()
        self._batch: Sequence[Record] = ()

    def prepare(self, batch: Sequence[Record]) -> None:
        """Empty the temporary table."""
        self._batch = batch
        self._connection.execute("TRUNCATE sent")
        self._connection.commit()

    def run(self) -> None:
        """Read the records as the projector does, copy the rows, add them, commit."""
        with self._connection.cursor() as cursor:
            with cursor.copy("COPY sent FROM STDIN") as copy:
                for row in rows_of(changes_of(self._batch)):
                    copy.write_row(row)
            cursor.execute(over_table("sent"))
        self._connection.commit()


class RowByRow:
    """Six prepared statements an entry, one commit a batch."""

    def __init__(self, server: ReadModelServer) -> None:
        self._connection = server.connect("livro_projector")
        self._insert = self._connection.prepare(_INSERT)
        self._progress = self._connection.prepare(_PROGRESS)
        self._totals = [
            self._connection.prepare(_TOTAL.format(table=table, period=period, name=name))
            for table, period, name in _TABLES
        ]
        self._batch: Sequence[Record] = ()

    def prepare(self, batch: Sequence[Record]) -> None:
        """Keep the records."""
        self._batch = batch

    def run(self) -> None:
        """Read the records as the projector does, and add one entry after another."""
        self._connection.run("BEGIN")
        for change in changes_of(self._batch):
            self._add(change)
        self._connection.run("COMMIT")

    def _add(self, change: EntryChange) -> None:
        (row,) = rows_of([change])
        if not self._insert.run(**dict(zip(_COLUMNS, row, strict=True))):
            return
        entry = change.entry
        self._progress.run(merchant=entry.merchant_id, recorded=entry.recorded_at)
        day, name = entry.day, entry.account
        periods = (day, day.replace(day=1), day.replace(month=1, day=1), day)
        names = (name, name, name, entry.category or "")
        credit = entry.amount_minor if entry.type == "credit" else 0
        values = {
            "merchant": entry.merchant_id,
            "currency": entry.currency,
            "credit": credit,
            "debit": entry.amount_minor - credit,
        }
        for prepared, period, name in zip(self._totals, periods, names, strict=True):
            prepared.run(**values, period=period, name=name)


def changes_of(batch: Sequence[Record]) -> list[EntryChange]:
    """Return the changes in records, as the projector reads them."""
    changes = (change_of_item(record["dynamodb"]["NewImage"]) for record in batch)
    return [change for change in changes if change is not None]


def over_table(name: str) -> str:
    """Return the projector's SQL with its rows from a table instead of parameters."""
    return ADD_ENTRIES.replace(INCOMING, f"SELECT * FROM {name}")


def rows_of(changes: Sequence[EntryChange]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of entries, in the order of NAMES."""
    for change in changes:
        entry = change.entry
        yield (
            entry.entry_id, entry.merchant_id, entry.type, entry.amount_minor, entry.currency,
            entry.account, entry.day, entry.occurred_at, change.occurred, entry.recorded_at,
            entry.recorded_by, entry.category, entry.description,
            entry.description and searchable(entry.description), json.dumps(dict(entry.metadata)),
            entry.reverses, entry.text_digest, change.digest,
        )  # fmt: skip


def _table(name: str) -> str:
    return f"CREATE TEMPORARY TABLE {name} AS SELECT {NAMES} FROM entries WITH NO DATA"
