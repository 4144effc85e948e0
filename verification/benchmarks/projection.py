"""Entries a second into the read model: the projector, its limit, and other ways to write them."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec

from chalicelib.ledger.entries import Entry
from chalicelib.projection.dead_letters import DeadLetter
from chalicelib.projection.dedup_cache import RedisDedupCache
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.project import Ports
from chalicelib.projection.writer import Writer, columns
from chalicelib.runtime import clients
from verification.benchmarks import Extent
from verification.benchmarks.projection_strategies import (
    CopiedRows,
    Part,
    Record,
    RowByRow,
    RowsInServer,
    Strategy,
    changes_of,
    projector,
)
from verification.benchmarks.rebuild import Book
from verification.benchmarks.results import Comparison, Target, at_least, microseconds, times
from verification.benchmarks.rounds import Contender, Measured, interleaved, silence_logs
from verification.benchmarks.servers import read_model_server, valkey_server
from verification.kit.generators import inserted

OURS = "the projector, from stream records to the commit"
WRITE = "its write only, from parsed records to the commit"
LIMIT = "the same SQL with rows in the server already (the limit)"
COPY = "psycopg: COPY, then the same SQL"
ROWS = "row by row, one commit a batch"
READING = "parsing, checking and digesting the records"
ARRAYS = "writing them as arrays"
REDIS = "reading and writing Redis"
PARTS = (READING, ARRAYS, REDIS)
BATCHES = (100, 1000)
_ABOUT = (
    "Batches of new entries of five merchants over three days, until PostgreSQL has committed them "
    "to disk. All ways leave the same rows and totals. All start with the same stream records, "
    "except the write only and the limit, which has its rows in the server already."
)
_WHY_WHOLE = (
    "The limit parses no records. Parsing, checking and digesting them in Python, and Redis, take "
    "as long as the limit's SQL, or longer: see the parts below."
)
_WHY_LIMIT = (
    "Writing rows as arrays, sending and parsing them takes time for each entry, while the limit's "
    "time for an entry shrinks with the batch. pg8000 sends only text."
)
_WHY_ROWS = "What remains is parsing, checking and digesting, which row by row needs too."
_BOOK = Book(("padaria", "mercado", "banca", "oficina", "farmacia"), days=3)


class NoDeadLetters:
    """Accepts no dead letters, because generated records are valid."""

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Raise RuntimeError, because a rejected record would not be measured."""
        raise RuntimeError(f"{len(letters)} records were rejected: {letters[0].reason}")


def measure(extent: Extent) -> Comparison:
    """Return how fast entries are projected in batches of 100 and 1,000, or at most all of them."""
    sizes = sorted({min(size, extent.entries) for size in BATCHES})
    fresh = _BOOK.entries(1 << 30)
    with read_model_server() as server, valkey_server():
        cache = RedisDedupCache(clients.redis())
        strategies: dict[str, Strategy] = {
            OURS: projector(Ports(Writer(server.connections()), NoDeadLetters(), cache)),
            WRITE: Part(_adding(Writer(server.connections())), changes_of),
            LIMIT: RowsInServer(server),
            ROWS: RowByRow(server),
            READING: Part(changes_of, list),
            ARRAYS: Part(columns, changes_of),
            REDIS: Part(_caching(cache), lambda batch: [record["eventID"] for record in batch]),
        }
        if find_spec("psycopg"):
            strategies[COPY] = CopiedRows(server)
        with silence_logs():
            # More rounds of small batches, because the disk's delays weigh more in them.
            measured = {
                size: interleaved(
                    _contenders(strategies, fresh, size), extent.rounds * sizes[-1] // size
                )
                for size in sizes
            }
    return _comparison(measured)


def _adding(writer: Writer) -> Callable[[Sequence[EntryChange]], None]:
    def add(changes: Sequence[EntryChange]) -> None:
        new = writer.add(changes)
        if new != len(changes):
            raise RuntimeError(f"{new} of a batch of {len(changes)} entries were new")

    return add


def _caching(cache: RedisDedupCache) -> Callable[[Sequence[str]], None]:
    def read_and_write(ids: Sequence[str]) -> None:
        cache.known(ids)
        cache.add(ids)

    return read_and_write


def _contenders(
    strategies: Mapping[str, Strategy], fresh: Iterator[Entry], size: int
) -> list[Contender]:
    def batch() -> list[Record]:
        return [inserted(entry) for entry in itertools.islice(fresh, size)]

    def contender(name: str, strategy: Strategy) -> Contender:
        return Contender(name, strategy.run, size, lambda: strategy.prepare(batch()))

    return [contender(name, strategy) for name, strategy in strategies.items()]


def _comparison(measured: Mapping[int, Measured]) -> Comparison:
    def row(name: str) -> list[str]:
        speeds = [f"{result.speed(name):,.0f} entries/s" for result in measured.values()]
        return [name, *speeds, *(times(_to_limit(name, result)) for result in measured.values())]

    names = [name for name in next(iter(measured.values())).seconds if name not in PARTS]
    return Comparison(
        title="Projection of stream records into the read model",
        about=_ABOUT,
        columns=[
            "",
            *(f"batches of {size:,}" for size in measured),
            *(f"to the limit, {size:,}" for size in measured),
        ],
        rows=[row(name) for name in names],
        targets=[target for size, result in measured.items() for target in _targets(size, result)],
        notes=[_breakdown(size, result) for size, result in measured.items()],
    )


def _to_limit(name: str, measured: Measured) -> float:
    return measured.speed(name) / measured.speed(LIMIT)


def _targets(size: int, measured: Measured) -> list[Target]:
    whole, write = f"the projector in batches of {size:,}", f"the write in batches of {size:,}"
    to_rows = measured.speed(OURS) / measured.speed(ROWS)
    return [
        at_least(f"{whole}, to the limit", _to_limit(OURS, measured), 0.8, _WHY_WHOLE),
        at_least(f"{write}, to the limit", _to_limit(WRITE, measured), 0.8, _WHY_LIMIT),
        at_least(f"{whole}, to row by row", to_rows, 12.0, _WHY_ROWS),
    ]


def _breakdown(size: int, measured: Measured) -> str:
    parts = [f"{part} {microseconds(measured.best(part))}" for part in PARTS]
    sending = measured.best(WRITE) - measured.best(ARRAYS) - measured.best(LIMIT)
    parts += [
        f"sending and parsing them {microseconds(sending)}",
        f"the limit's SQL and commit {microseconds(measured.best(LIMIT))}",
    ]
    whole = microseconds(measured.best(OURS))
    return f"The {whole} of an entry in batches of {size:,} are: {'; '.join(parts)}."
