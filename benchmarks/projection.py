"""Entries a second into the read model: the projector, its limit, and what others would do."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from benchmarks import made_up
from benchmarks.findings import Finding, Target, times
from benchmarks.made_up import Book
from benchmarks.peers import has
from benchmarks.quiet import quiet
from benchmarks.rounds import Contender, Measured, interleaved
from benchmarks.row_by_row import RowByRow
from benchmarks.servers import ReadModelServer, read_model_server, valkey_server
from benchmarks.ways_in import CopiedRows, Projector, Record, RowsInServer, Way
from chalicelib import clients
from chalicelib.ledger.entries import Entry
from chalicelib.projection.processed_memory import RedisProcessedMemory
from chalicelib.projection.project import Parked, Ports
from chalicelib.projection.writer import Writer

OURS = "the projector, from stream records to the commit"
LIMIT = "the same SQL, rows already in the server (the limit)"
COPY = "psycopg: COPY, then the same SQL"
ROWS = "row by row, one commit a batch"
SINGLE = "row by row, one commit an entry"
BATCHES = (100, 1000)
_ABOUT = (
    "A batch of new entries as Lambda hands it in, for five merchants over three days, until it is "
    "committed by a PostgreSQL that waits for its disk. Every way reads and checks the records "
    "alike and leaves the same rows and totals."
)
_WHY = "What is left is reading, checking and digesting each record, which the limit has not to do."
_BOOK = Book(merchants=("padaria", "mercado", "banca", "oficina", "farmacia"), days=3)


class NoQuarantine:
    """Parks nothing: made-up records have no fault."""

    def park(self, parked: Sequence[Parked]) -> None:
        """Refuse, because a record that is parked would not be measured."""
        raise RuntimeError(f"{len(parked)} records were parked: {parked[0].reason}")


def measure(rounds: int, largest: int) -> Finding:
    """Return how fast entries are projected in batches of 100 and of 1,000, or of `largest`."""
    sizes = sorted({min(size, largest) for size in BATCHES})
    fresh = made_up.entries(_BOOK, 1 << 30)
    with read_model_server() as server, valkey_server():
        ways: dict[str, Way] = {
            OURS: Projector(_ports(server)),
            LIMIT: RowsInServer(server),
            ROWS: RowByRow(server, commit_each=False),
            SINGLE: RowByRow(server, commit_each=True),
        }
        if has("psycopg"):
            ways[COPY] = CopiedRows(server)
        with quiet():
            found = {size: interleaved(_contenders(ways, fresh, size), rounds) for size in sizes}
    return _finding(found)


def _ports(server: ReadModelServer) -> Ports:
    memory = RedisProcessedMemory(clients.fast_memory())
    return Ports(Writer(server.connections()), NoQuarantine(), memory)


def _contenders(ways: Mapping[str, Way], fresh: Iterator[Entry], size: int) -> list[Contender]:
    def batch(of: int) -> list[Record]:
        return [made_up.inserted(one) for one in itertools.islice(fresh, of)]

    def contender(name: str, way: Way) -> Contender:
        # A commit an entry is so slow that a few entries tell its speed.
        units = min(size, 50) if name == SINGLE else size
        return Contender(name, way.run, units, lambda: way.prepare(batch(units)))

    return [contender(name, way) for name, way in ways.items()]


def _finding(found: Mapping[int, Measured]) -> Finding:
    return Finding(
        title="Projection: stream records into the read model",
        about=_ABOUT,
        columns=[
            "",
            *(f"batches of {size:,}" for size in found),
            *(f"to the limit, {size:,}" for size in found),
        ],
        rows=[_row(name, found) for name in next(iter(found.values())).seconds],
        targets=[target for size, measured in found.items() for target in _targets(size, measured)],
    )


def _row(name: str, found: Mapping[int, Measured]) -> list[str]:
    speeds = [f"{measured.speed(name):,.0f} entries/s" for measured in found.values()]
    return [name, *speeds, *(times(one.speed(name) / one.speed(LIMIT)) for one in found.values())]


def _targets(size: int, measured: Measured) -> list[Target]:
    to_limit = measured.speed(OURS) / measured.speed(LIMIT)
    to_rows = measured.speed(OURS) / measured.speed(ROWS)
    return [
        Target(f"batches of {size:,}, to the server's limit", to_limit, "at least", 0.8, _WHY),
        Target(f"batches of {size:,}, to row by row", to_rows, "at least", 12.0, _WHY),
    ]
