"""Entries a second into the read model: the projector, its limit, and what others would do."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from chalicelib.ledger.entries import Entry
from chalicelib.projection.dead_letters import DeadLetter
from chalicelib.projection.dedup_cache import RedisDedupCache
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.project import Ports
from chalicelib.projection.writer import Writer, columns
from chalicelib.runtime import clients
from verification.benchmarks import strategies
from verification.benchmarks.peers import has
from verification.benchmarks.projection_strategies import (
    CopiedRows,
    Part,
    Projector,
    Record,
    RowsInServer,
    Way,
    changes_of,
)
from verification.benchmarks.results import Finding, Target, microseconds, times
from verification.benchmarks.rounds import Contender, Measured, interleaved
from verification.benchmarks.row_by_row import RowByRow
from verification.benchmarks.servers import ReadModelServer, read_model_server, valkey_server
from verification.benchmarks.silence_logs import quiet
from verification.benchmarks.strategies import Book

OURS = "the projector, from stream records to the commit"
WRITE = "its write alone, from what the records said to the commit"
LIMIT = "the same SQL, rows already in the server (the limit)"
COPY = "psycopg: COPY, then the same SQL"
ROWS = "row by row, one commit a batch"
SINGLE = "row by row, one commit an entry"
READING = "reading, checking and digesting the records"
ARRAYS = "writing them as arrays"
MEMORY = "asking and telling Redis"
PARTS = (READING, ARRAYS, MEMORY)
BATCHES = (100, 1000)
_ABOUT = (
    "A batch of new entries as Lambda hands it in, for five merchants over three days, until it is "
    "committed by a PostgreSQL that waits for its disk. Every way leaves the same rows and totals, "
    "and all but two begin with the records, which they read and check alike: the limit has its "
    "rows lie in the server, and so nothing to read, to send or to remember. The projector's write "
    "alone, which begins where the limit does, with what the records said, is held against it "
    "beside the whole. Batches of 100 take ten times as many turns as batches of 1,000."
)
_WHY_WHOLE = (
    "The limit reads no record. Reading, checking and digesting one in Python, and asking and "
    "telling Redis, take as long as the limit's own share of an entry, or longer: see below."
)
_WHY_LIMIT = (
    "The limit has its rows in the server's own form. To write them as arrays in Python, to send "
    "these and to read them there takes a time for each entry, while the limit's share of an entry "
    "shrinks with the batch; pg8000 sends texts alone, so there is no shorter way in one statement."
)
_WHY_ROWS = (
    "What is left is reading, checking and digesting each record, which rows have to do too."
)
_BOOK = Book(merchants=("padaria", "mercado", "banca", "oficina", "farmacia"), days=3)


class NoDeadLetters:
    """Parks nothing: made-up records have no fault."""

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Refuse, because a record that is parked would not be measured."""
        raise RuntimeError(f"{len(letters)} records were parked: {letters[0].reason}")


def measure(rounds: int, largest: int) -> Finding:
    """Return how fast entries are projected in batches of 100 and of 1,000, or of `largest`."""
    sizes = sorted({min(size, largest) for size in BATCHES})
    fresh = strategies.entries(_BOOK, 1 << 30)
    with read_model_server() as server, valkey_server():
        ways: dict[str, Way] = {
            OURS: Projector(_ports(server)),
            WRITE: Part(_adding(Writer(server.connections())), changes_of),
            LIMIT: RowsInServer(server),
            ROWS: RowByRow(server, commit_each=False),
            SINGLE: RowByRow(server, commit_each=True),
            READING: Part(changes_of, list),
            ARRAYS: Part(columns, changes_of),
            MEMORY: Part(_remembering(), _event_ids),
        }
        if has("psycopg"):
            ways[COPY] = CopiedRows(server)
        with quiet():
            # A batch of 100 takes 3 ms, much of it the disk's mood: more turns, as many entries.
            turns = {size: rounds * sizes[-1] // size for size in sizes}
            result = {
                size: interleaved(_contenders(ways, fresh, size), turns[size]) for size in sizes
            }
    return _finding(result)


def _ports(server: ReadModelServer) -> Ports:
    memory = RedisDedupCache(clients.redis())
    return Ports(Writer(server.connections()), NoDeadLetters(), memory)


def _adding(writer: Writer) -> Callable[[Sequence[EntryChange]], None]:
    def add(changes: Sequence[EntryChange]) -> None:
        new = writer.add(changes)
        if new != len(changes):
            raise RuntimeError(f"{new} of a batch of {len(changes)} entries were new")

    return add


def _remembering() -> Callable[[Sequence[str]], None]:
    memory = RedisDedupCache(clients.redis())

    def ask_and_tell(ids: Sequence[str]) -> None:
        memory.known(ids)
        memory.add(ids)

    return ask_and_tell


def _event_ids(batch: Sequence[Record]) -> list[str]:
    return [record["eventID"] for record in batch]


def _contenders(ways: Mapping[str, Way], fresh: Iterator[Entry], size: int) -> list[Contender]:
    def batch(of: int) -> list[Record]:
        return [strategies.inserted(one) for one in itertools.islice(fresh, of)]

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
        rows=[
            _row(name, found) for name in next(iter(found.values())).seconds if name not in PARTS
        ],
        targets=[target for size, measured in found.items() for target in _targets(size, measured)],
        notes=[_breakdown(size, measured) for size, measured in found.items()],
    )


def _row(name: str, found: Mapping[int, Measured]) -> list[str]:
    speeds = [f"{measured.speed(name):,.0f} entries/s" for measured in found.values()]
    return [name, *speeds, *(times(one.speed(name) / one.speed(LIMIT)) for one in found.values())]


def _targets(size: int, measured: Measured) -> list[Target]:
    to_limit = measured.speed(WRITE) / measured.speed(LIMIT)
    to_rows = measured.speed(OURS) / measured.speed(ROWS)
    whole_to_limit = measured.speed(OURS) / measured.speed(LIMIT)
    write, whole = f"the write in batches of {size:,}", f"the projector in batches of {size:,}"
    return [
        Target(f"{whole}, to the server's limit", whole_to_limit, "at least", 0.8, _WHY_WHOLE),
        Target(f"{write}, to the server's limit", to_limit, "at least", 0.8, _WHY_LIMIT),
        Target(f"{whole}, to row by row", to_rows, "at least", 12.0, _WHY_ROWS),
    ]


def _breakdown(size: int, measured: Measured) -> str:
    result = [f"{part} {microseconds(measured.best(part))}" for part in PARTS]
    sending = measured.best(WRITE) - measured.best(ARRAYS) - measured.best(LIMIT)
    result += [
        f"sending them and reading them there {microseconds(sending)}",
        f"the limit's own SQL and commit {microseconds(measured.best(LIMIT))}",
    ]
    whole = microseconds(measured.best(OURS))
    return f"Of an entry's {whole} in batches of {size:,}: {'; '.join(result)}."
