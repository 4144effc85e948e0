"""Ways to write a batch of stream records to the read model: one statement, COPY, or row by row."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chalicelib.ledger.entries import Entry
from chalicelib.ledger.text import searchable
from chalicelib.projection.entry_changes import EntryChange, change_of_item
from chalicelib.projection.project import Ports, project
from chalicelib.projection.writer import Writer, columns, statement
from verification.benchmarks.servers import ReadModelServer

Record = dict[str, Any]
Strategy = Callable[[Sequence[Record]], Callable[[], object]]
"""Prepares a batch of new entries; returns what writes it, up to the commit, and is measured."""
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


def projector(ports: Ports) -> Strategy:
    """Return the whole projector, from the records to the commit."""

    def prepare(batch: Sequence[Record]) -> Callable[[], object]:
        return lambda: _expect(project(batch, ports).new, batch)

    return prepare


def write_only(writer: Writer) -> Strategy:
    """Return the projector's write, from parsed records to the commit."""

    def prepare(batch: Sequence[Record]) -> Callable[[], object]:
        changes = changes_of(batch)
        return lambda: _expect(writer.add(changes), batch)

    return prepare


def rows_in_server(server: ReadModelServer) -> Strategy:
    """Return the projector's SQL over rows that are in a table of the server already: the limit."""
    connection = server.connect("livro_projector")
    connection.run(_table("waiting"))
    put = connection.prepare(f"INSERT INTO waiting {INCOMING}")
    add = connection.prepare(over_table("waiting"))

    def prepare(batch: Sequence[Record]) -> Callable[[], object]:
        connection.run("TRUNCATE waiting")
        put.run(**columns(changes_of(batch)))
        return add.run  # type: ignore[no-any-return]

    return prepare


def copied_rows(server: ReadModelServer) -> Strategy:
    """Return psycopg 3 with its C extension: COPY into a temporary table, then the same SQL."""
    import psycopg

    place = f"host={server.postgres.host} port={server.postgres.port} dbname=livro_caixa"
    connection = psycopg.connect(f"{place} user=livro_projector", prepare_threshold=0)
    connection.execute("SET search_path TO read_model")
    connection.execute(_table("sent"))
    connection.commit()

    def prepare(batch: Sequence[Record]) -> Callable[[], object]:
        connection.execute("TRUNCATE sent")
        connection.commit()
        return lambda: run(batch)

    def run(batch: Sequence[Record]) -> None:
        with connection.cursor() as cursor:
            with cursor.copy("COPY sent FROM STDIN") as copy:
                for row in rows_of(changes_of(batch)):
                    copy.write_row(row)
            cursor.execute(over_table("sent"))
        connection.commit()

    return prepare


def row_by_row(server: ReadModelServer) -> Strategy:
    """Return six prepared statements an entry, and one commit a batch."""
    connection = server.connect("livro_projector")
    insert, progress = connection.prepare(_INSERT), connection.prepare(_PROGRESS)
    totals = [
        connection.prepare(_TOTAL.format(table=table, period=period, name=name))
        for table, period, name in _TABLES
    ]

    def run(batch: Sequence[Record]) -> None:
        connection.run("BEGIN")
        for change in changes_of(batch):
            (row,) = rows_of([change])
            if insert.run(**dict(zip(_COLUMNS, row, strict=True))):
                entry = change.entry
                progress.run(merchant=entry.merchant_id, recorded=entry.recorded_at)
                for prepared, added in zip(totals, _added(entry), strict=True):
                    prepared.run(**added)
        connection.run("COMMIT")

    return lambda batch: lambda: run(batch)


def _added(entry: Entry) -> list[dict[str, Any]]:
    """Return what an entry adds to each of the tables."""
    credit = entry.amount_minor if entry.type == "credit" else 0
    values = {
        "merchant": entry.merchant_id,
        "currency": entry.currency,
        "credit": credit,
        "debit": entry.amount_minor - credit,
    }
    day = entry.day
    periods = (day, day.replace(day=1), day.replace(month=1, day=1))
    of_account = [values | {"period": period, "name": entry.account} for period in periods]
    return [*of_account, values | {"period": day, "name": entry.category or ""}]


def _expect(new: int, batch: Sequence[Record]) -> None:
    if new != len(batch):
        raise RuntimeError(f"{new} of a batch of {len(batch)} entries were new")


def changes_of(batch: Sequence[Record]) -> list[EntryChange]:
    """Return the changes in records, as the projector reads them."""
    changes = (change_of_item(record["dynamodb"]["NewImage"]) for record in batch)
    return [change for change in changes if isinstance(change, EntryChange)]


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
