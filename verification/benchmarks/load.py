"""An empty read model loaded from an export of the ledger's table, and COPY of its ready rows."""

import multiprocessing
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path

from chalicelib.projection import load, wiring
from chalicelib.projection.checkpoint import Checkpoint
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.garbage_collection import rare_collections
from chalicelib.projection.rebuild import resume
from chalicelib.projection.repairer import Repairer
from chalicelib.projection.row_sums import RowSums
from chalicelib.projection.writer import columns, statement
from chalicelib.runtime import clients
from chalicelib.storage.postgres import Connections
from verification.benchmarks import Extent
from verification.benchmarks.cpu_time import Cost, cost_of
from verification.benchmarks.results import Comparison, Target, at_least, times
from verification.benchmarks.servers import ReadModelServer, read_model_server
from verification.benchmarks.table_export import (
    ExportedTable,
    TableParsedByBotocore,
    files_of,
    write_export,
)

LOAD = "load: entries, indexes, totals"
COPY = "COPY of the same rows, which are ready, into the same tables with their indexes"
EARLIER = "comparing rebuild of an empty read model through botocore's parser, as it was"
COMPARE = "comparing rebuild of an empty read model"
IN_PLACE_EARLIER = "rebuild in place, nothing differs, through botocore's parser, as it was"
IN_PLACE = "rebuild in place, nothing differs"
MOST_COMPARED = 100_000
PARTS = 2
DAYS = 365
ENTRIES_PER_MERCHANT = 5_000
ROUNDS = 3
FIRST_MOMENT, LAST_MOMENT = "0001-01-01T00:00:00+00:00", "9999-01-01T00:00:00+00:00"
TABLES = (
    "entries", "merchants", "day_totals", "month_totals", "year_totals", "category_totals",
    "unsealed_days",
)  # fmt: skip
_ABOUT = (
    "From files of DynamoDB JSON (gzip), as an export of the table has them, until every total is "
    f"committed to disk. {PARTS} processes load parts in parallel. COPY has one connection, and "
    "neither parses nor checks nor adds up anything. CPU time is of an entry, of the server and of "
    "all other processes; the best of the rounds counts."
)
_WHY_COPY = (
    "Parsing, checking and digesting an entry in Python takes longer than PostgreSQL needs to "
    "store it; on two cores both share what COPY has alone."
)
_WHY_EARLIER = (
    "Two processes and the server share two cores, and each entry is still checked and digested."
)
_WHY_IN_PLACE = (
    "Each entry is still parsed, checked and digested in Python, and each row is digested and "
    "summed in the server; nothing is looked up."
)
_TABLES: dict[str, type[ExportedTable]] = {
    EARLIER: TableParsedByBotocore,
    COMPARE: ExportedTable,
    IN_PLACE_EARLIER: TableParsedByBotocore,
    IN_PLACE: ExportedTable,
}


def measure(extent: Extent) -> Comparison:
    """Return what loading costs, and what COPY costs."""
    merchants = max(1, min(2_000, extent.entries // ENTRIES_PER_MERCHANT))
    names = (LOAD, COPY, EARLIER, COMPARE, IN_PLACE_EARLIER, IN_PLACE)
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    compared = min(extent.entries, MOST_COMPARED)
    with (
        tempfile.TemporaryDirectory(prefix="livro-benchmark-") as folder,
        read_model_server() as server,
    ):
        export, rows, less = (Path(folder) / name for name in ("export", "rows", "less"))
        for path in (export, rows, less):
            path.mkdir()
        write_export(export, extent.entries, merchants, DAYS)
        write_export(less, compared, merchants, DAYS)
        for _ in range(min(extent.rounds, ROUNDS)):
            for name, kind in _TABLES.items():
                if name in (EARLIER, COMPARE):
                    _empty(server)
                table = kind(less)
                table.owners([])  # read into memory before the time begins
                costs[name].append(cost_of(server, partial(_compare, table)))
                _check(server, compared)
            _empty(server)
            costs[LOAD].append(cost_of(server, lambda: _load(export)))
            _check(server, extent.entries)
            _dump(server, rows)
            _empty(server)
            costs[COPY].append(cost_of(server, lambda: _copy(server, rows)))
            _check(server, extent.entries)
            bytes_of = _sizes(server, export, rows)
    return _comparison(extent.entries, merchants, costs, bytes_of)


def _load(export: Path) -> None:
    loader = wiring.loader()
    whole = load.begin(loader)
    if whole is None:
        raise RuntimeError("the read model is not empty")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PARTS, mp_context=context) as pool:
        segments = [files_of(part, PARTS) for part in range(PARTS)]
        parts = load.parts_of(whole, segments)
        list(pool.map(_load_part, [export] * PARTS, map(load.encode, parts)))
        parts = load.end_entries(loader, whole, PARTS)
        list(pool.map(_load_part, [export] * PARTS, map(load.encode, parts)))
    loader.end_rebuild(whole.began_at)
    loader.close()


class EarlierRepairer(Repairer):
    """A repairer that sends all columns of each entry, as every rebuild did."""

    def compare(self, changes: Sequence[EntryChange]) -> dict[str, str | None]:
        """Return the ids whose row differs or is missing, with the merchant of the row."""
        query, values = statement("compare_entries.sql"), columns(changes)
        return dict(self._connections.use(lambda session: session.rows(query, **values)))


def _compare(table: ExportedTable) -> None:
    connections = Connections(lambda: clients.database(wiring.ROLE, wiring.REPAIR_TIMEOUT_SECONDS))
    is_earlier = isinstance(table, TableParsedByBotocore)
    repairer = (EarlierRepairer if is_earlier else Repairer)(connections)
    # No entry was recorded before the first moment, so every row is looked up, as it was.
    sums = RowSums(before=FIRST_MOMENT) if is_earlier else RowSums(before=LAST_MOMENT)
    with nullcontext() if is_earlier else rare_collections():
        resume(table, repairer, Checkpoint(None, sums=sums), lambda: True)
    repairer.close()


def _load_part(export: Path, position: str) -> None:
    loader = wiring.loader()
    with rare_collections():
        load.resume(ExportedTable(export), loader, load.decode(position), lambda: True)
    loader.close()


def _copy(server: ReadModelServer, rows: Path) -> None:
    with closing(server.connect()) as connection:
        connection.run("SET session_replication_role = replica")  # the trigger's rows are ready
        for table in TABLES:
            with (rows / table).open("rb") as file:
                connection.run(f"COPY {table} FROM STDIN", stream=file)


def _dump(server: ReadModelServer, rows: Path) -> None:
    with closing(server.connect()) as connection:
        for table in TABLES:
            with (rows / table).open("wb") as file:
                connection.run(f"COPY {table} TO STDOUT", stream=file)


def _empty(server: ReadModelServer) -> None:
    server.administrate(
        f"TRUNCATE {', '.join(TABLES)}; DELETE FROM unfinished_rebuild;"
        " INSERT INTO unfinished_rebuild (loads) VALUES ('entries')"
    )
    with closing(server.connect()) as connection:
        connection.run("CHECKPOINT")


def _check(server: ReadModelServer, entries: int) -> None:
    with closing(server.connect()) as connection:
        (counts,) = connection.run(
            "SELECT (SELECT count(*) FROM entries), (SELECT sum(entries) FROM day_totals),"
            " (SELECT sum(entries) FROM category_totals), (SELECT count(*) FROM pg_indexes"
            " WHERE tablename = 'entries')"
        )
    if [int(count) for count in counts[:3]] != [entries] * 3 or counts[3] < 3:
        raise RuntimeError(f"{entries} entries are expected, and their indexes: {counts}")


def _sizes(server: ReadModelServer, export: Path, rows: Path) -> dict[str, int]:
    with closing(server.connect()) as connection:
        (stored,) = connection.run("SELECT pg_database_size(current_database())")[0]
    files = {
        path.name: sum(file.stat().st_size for file in path.iterdir()) for path in (export, rows)
    }
    return {**files, "database": int(stored)}


def _comparison(
    entries: int, merchants: int, costs: dict[str, list[Cost]], bytes_of: dict[str, int]
) -> Comparison:
    compared = min(entries, MOST_COMPARED)
    count = {name: compared if name in _TABLES else entries for name in costs}
    speed = {name: count[name] / min(cost.clock for cost in each) for name, each in costs.items()}
    server = {name: min(cost.server for cost in each) / count[name] for name, each in costs.items()}
    others = {name: min(cost.others for cost in each) / count[name] for name, each in costs.items()}

    def row(name: str) -> list[str]:
        used = [f"{cpu[name] * 1e6:.1f} µs" for cpu in (server, others)]
        return [name, f"{speed[name]:,.0f}", *used, times(speed[name] / speed[COPY])]

    size = {name: f"{number / 1e9:.1f} GB" for name, number in bytes_of.items()}
    return Comparison(
        title=f"Loading an empty read model: {entries:,} entries of {merchants:,} merchants",
        about=_ABOUT,
        columns=["", "entries a second", "CPU of the server", "CPU of others", "to COPY"],
        rows=[row(name) for name in costs],
        targets=_targets(speed, server),
        notes=[
            f"The export has {size['export']}, the rows as text {size['rows']}, the database with "
            f"its indexes {size['database']} (and its log while it is written). The comparing "
            f"rebuild had {compared:,} entries.",
            f"A CPU of the server loads {1 / server[LOAD]:,.0f} entries a second, and is kept busy "
            f"by {others[LOAD] / server[LOAD]:.1f} CPUs that parse.",
        ],
    )


def _targets(speed: dict[str, float], server: dict[str, float]) -> list[Target]:
    return [
        at_least(
            "entries a second, to the earlier rebuild",
            speed[LOAD] / speed[EARLIER],
            6,
            _WHY_EARLIER,
        ),
        at_least(
            "a rebuild in place, to the earlier one",
            speed[IN_PLACE] / speed[IN_PLACE_EARLIER],
            3,
            _WHY_IN_PLACE,
        ),
        at_least("entries a second, to COPY", speed[LOAD] / speed[COPY], 0.4, _WHY_COPY),
        at_least("entries a CPU second of the server, to COPY", server[COPY] / server[LOAD], 0.4),
    ]
