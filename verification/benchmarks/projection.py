"""Entries a second into the read model: the projector, its limit, and other ways to write them."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec

from chalicelib.ledger.entries import Entry
from chalicelib.projection.dead_letters import DeadLetter
from chalicelib.projection.dedup_cache import RedisDedupCache
from chalicelib.projection.project import Ports
from chalicelib.projection.writer import Writer
from chalicelib.runtime import clients
from verification.benchmarks import Extent
from verification.benchmarks.books import Book
from verification.benchmarks.projection_strategies import (
    Strategy,
    copied_rows,
    projector,
    row_by_row,
    rows_in_server,
    write_only,
)
from verification.benchmarks.results import Comparison, Target, at_least, times
from verification.benchmarks.rounds import Contender, Measured, interleaved, silence_logs
from verification.benchmarks.servers import read_model_server, valkey_server
from verification.kit.generators import inserted

OURS = "the projector, from stream records to the commit"
WRITE = "its write only, from parsed records to the commit"
LIMIT = "the same SQL with rows in the server already (the limit)"
COPY = "psycopg: COPY, then the same SQL"
ROWS = "row by row, one commit a batch"
BATCHES = (100, 1000)
_ABOUT = (
    "Batches of new entries of five merchants over three days, until PostgreSQL has committed them "
    "to disk. All ways leave the same rows and totals. All start with the same stream records, "
    "except the write only and the limit, which has its rows in the server already."
)
_WHY_WHOLE = (
    "The limit parses no records. Parsing, checking and digesting them in Python, and Redis, take "
    "as long as the limit's SQL, or longer."
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
        cache = RedisDedupCache(clients.redis(), "entries")
        strategies = {
            OURS: projector(Ports(Writer(server.connections()), NoDeadLetters(), cache)),
            WRITE: write_only(Writer(server.connections())),
            LIMIT: rows_in_server(server),
            ROWS: row_by_row(server),
        }
        if find_spec("psycopg"):
            strategies[COPY] = copied_rows(server)
        with silence_logs():
            # More rounds of small batches, because the disk's delays weigh more in them.
            measured = {
                size: interleaved(
                    _contenders(strategies, fresh, size), extent.rounds * sizes[-1] // size
                )
                for size in sizes
            }
    return _comparison(measured)


def _contenders(
    strategies: Mapping[str, Strategy], fresh: Iterator[Entry], size: int
) -> list[Contender]:
    def contender(name: str, prepare: Strategy) -> Contender:
        ready: list[Callable[[], object]] = []

        def ready_a_batch() -> None:
            ready.append(prepare([inserted(entry) for entry in itertools.islice(fresh, size)]))

        def write() -> None:
            ready.pop()()

        return Contender(name, write, size, ready_a_batch)

    return [contender(name, strategy) for name, strategy in strategies.items()]


def _comparison(measured: Mapping[int, Measured]) -> Comparison:
    def row(name: str) -> list[str]:
        speeds = [f"{result.speed(name):,.0f} entries/s" for result in measured.values()]
        return [name, *speeds, *(times(_to_limit(name, result)) for result in measured.values())]

    return Comparison(
        title="Projection of stream records into the read model",
        about=_ABOUT,
        columns=[
            "",
            *(f"batches of {size:,}" for size in measured),
            *(f"to the limit, {size:,}" for size in measured),
        ],
        rows=[row(name) for name in next(iter(measured.values())).seconds],
        targets=[target for size, result in measured.items() for target in _targets(size, result)],
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
