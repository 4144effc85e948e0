"""All totals of a read model recomputed from its entries, compared with one plain GROUP BY."""

import itertools
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Any

from chalicelib.ledger.entries import Entry
from chalicelib.projection.authoritative_entries import AuthoritativeEntries
from chalicelib.projection.repairer import Repairer
from chalicelib.projection.writer import columns, statement
from verification.benchmarks import Extent
from verification.benchmarks.books import Book
from verification.benchmarks.rebuild import account_of, running
from verification.benchmarks.results import Comparison, Target, at_most, times
from verification.benchmarks.rounds import Contender, Measured, interleaved
from verification.benchmarks.servers import ReadModelServer, read_model_server
from verification.kit.generators import change
from verification.kit.reference_model import effect_minor

CHECK = "recompute days, months, years and categories, all correct"
WRITE = "the same, all lost and written again"
PLAIN = "plain GROUP BY with a running balance (window)"
_PLAIN = """
    SELECT merchant_id, currency, account, day,
        sum(CASE type WHEN 'credit' THEN amount_minor ELSE 0 END) AS credits,
        sum(CASE type WHEN 'debit' THEN amount_minor ELSE 0 END) AS debits, count(*) AS entries,
        sum(sum(CASE type WHEN 'credit' THEN amount_minor ELSE -amount_minor END))
            OVER (PARTITION BY merchant_id, currency, account ORDER BY day) AS closing
    FROM entries GROUP BY merchant_id, currency, account, day
"""
_STORED = """
    SELECT merchant_id, currency, account, day, credits_minor, debits_minor, entries,
        sum(credits_minor - debits_minor)
            OVER (PARTITION BY merchant_id, currency, account ORDER BY day)
    FROM day_totals
"""
ONE = "one merchant"
ENTRIES_EACH = 5000
_CHUNK = 5000
_TOTALS = "day_totals, month_totals, year_totals, category_totals"
_ABOUT = (
    "The last step of a rebuild and of a repair: lock a merchant, compute its days, months, years "
    "and categories from the entries, and write what differs, in one transaction a merchant. The "
    "plain statement computes only days and balances, of all merchants at once, and writes nothing."
)
_WHY = (
    "It reads five more columns, groups by category too (five times as many groups), and computes "
    "the newest moment. Both use parallel workers."
)
_WHY_MANY = (
    "It locks one merchant at a time, so that others can be written meanwhile: four statements and "
    "a temporary table for each. With few entries a merchant most of the work is writing totals."
)


def measure(extent: Extent) -> Comparison:
    """Return what it takes to recompute all totals, of one merchant or many."""
    number = max(2, min(200, extent.entries // ENTRIES_EACH))
    many = Book([f"merchant-{merchant:03}" for merchant in range(number)], 365)
    books = {ONE: Book(("padaria",), 365), f"{number} merchants": many}
    measured = {name: _measured(book, extent) for name, book in books.items()}
    return Comparison(
        title=f"All totals of {extent.entries:,} entries recomputed in SQL",
        about=_ABOUT,
        columns=["", *(cell for name in measured for cell in (name, "to the plain GROUP BY"))],
        rows=[_row(name, measured) for name in measured[ONE].seconds],
        targets=[target for name, result in measured.items() for target in _targets(name, result)],
        notes=["All balances were the same to the cent, on every account and day."],
    )


def _measured(book: Book, extent: Extent) -> Measured:
    with read_model_server() as server, closing(server.connect()) as connection:
        entries = _load(server, book, extent.entries)
        plain = Contender(PLAIN, lambda: connection.run(_PLAIN))
        measured = interleaved([*_own(server, book), plain], extent.rounds)
        for rows in (connection.run(_STORED), connection.run(_PLAIN)):
            _check(entries, rows)
    return measured


def _load(server: ReadModelServer, book: Book, count: int) -> list[Entry]:
    """Put entries into the read model without totals; return them."""
    loaded: list[Entry] = []
    fresh = book.entries(count)
    with closing(server.connect("livro_projector")) as connection:
        put = connection.prepare(statement("replace_entries.sql"))
        while chunk := list(itertools.islice(fresh, _CHUNK)):
            put.run(**columns([*map(change, chunk)]))
            loaded += chunk
    server.administrate("VACUUM ANALYZE entries")
    return loaded


def _own(server: ReadModelServer, book: Book) -> list[Contender]:
    repairer = Repairer(server.connections())
    repairer.begin()

    def recompute() -> int:
        return sum(
            repairer.repair([merchant], [], lambda _: AuthoritativeEntries([], [])).totals
            for merchant in book.merchants
        )

    def check() -> None:
        if wrong := recompute():
            raise RuntimeError(f"Recomputing again changed {wrong} totals; it must change none.")

    lose = partial(server.administrate, f"TRUNCATE {_TOTALS}")
    return [Contender(CHECK, check, prepare=recompute), Contender(WRITE, recompute, prepare=lose)]


def _check(entries: Sequence[Entry], rows: Sequence[Sequence[Any]]) -> None:
    """Raise RuntimeError unless rows have the balances of plain addition, to the cent."""
    sums: dict[tuple[str, str], int] = {}
    for entry in entries:
        key = account_of(entry), entry.day.isoformat()
        sums[key] = sums.get(key, 0) + effect_minor(entry)
    expected = running((account, day, cents) for (account, day), cents in sums.items())
    if {(f"{row[0]}:{row[2]}", row[3].isoformat()): int(row[-1]) for row in rows} != expected:
        raise RuntimeError("Balances computed in SQL must be those of plain addition.")


def _targets(name: str, measured: Measured) -> list[Target]:
    why = _WHY if name == ONE else f"{_WHY} {_WHY_MANY}"
    return [
        at_most(f"{name}, all correct", measured.ratio(CHECK, PLAIN), 1.5, why),
        at_most(f"{name}, all lost", measured.ratio(WRITE, PLAIN), 1.5, why),
    ]


def _row(name: str, measured: Mapping[str, Measured]) -> list[str]:
    cells = [name]
    for result in measured.values():
        cells += [f"{result.best(name) * 1000:,.0f} ms", times(result.ratio(name, PLAIN))]
    return cells
