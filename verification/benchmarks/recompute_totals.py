"""All totals of a read model counted anew from its entries, against one plain GROUP BY."""

import csv
import itertools
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from chalicelib.ledger.entries import Entry, content_digest
from chalicelib.ledger.instants import parse_instant
from chalicelib.projection.authoritative_entries import AuthoritativeEntries
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.repairer import Repairer
from chalicelib.projection.writer import columns, statement
from verification.benchmarks import strategies
from verification.benchmarks.books import account_of, running
from verification.benchmarks.peers import has
from verification.benchmarks.results import Finding, Target, times
from verification.benchmarks.rounds import Contender, Measured, interleaved
from verification.benchmarks.servers import ReadModelServer, read_model_server
from verification.benchmarks.strategies import Book

CHECK = "Livro Caixa: count days, months, years and categories, all being right"
WRITE = "Livro Caixa: the same, all being lost and written again"
PLAIN = "plain GROUP BY with a running balance (window)"
DUCKDB = "DuckDB: the same GROUP BY with window, on a table of its own"
_PLAIN = """
    SELECT merchant_id, currency, account, day,
        sum(CASE type WHEN 'credit' THEN amount_minor ELSE 0 END) AS credits,
        sum(CASE type WHEN 'debit' THEN amount_minor ELSE 0 END) AS debits, count(*) AS entries,
        sum(sum(CASE type WHEN 'credit' THEN amount_minor ELSE -amount_minor END))
            OVER (PARTITION BY merchant_id, currency, account ORDER BY day) AS closing
    FROM entries GROUP BY merchant_id, currency, account, day
"""
_KEPT = """
    SELECT merchant_id, currency, account, day, credits_minor, debits_minor, entries,
        sum(credits_minor - debits_minor)
            OVER (PARTITION BY merchant_id, currency, account ORDER BY day)
    FROM day_totals
"""
ONE = Book(("padaria",), 365)
MANY = Book(tuple(f"merchant-{number:03}" for number in range(200)), 365)
BOOKS = {"one merchant": ONE, "200 merchants": MANY}
_CHUNK = 5000
_TOTALS = "day_totals, month_totals, year_totals, category_totals"


def measure(rounds: int, entries: int) -> Finding:
    """Return what it takes to count all totals anew, of so many entries of one merchant or many."""
    return _finding(entries, {of: _measured(book, rounds, entries) for of, book in BOOKS.items()})


def _measured(book: Book, rounds: int, entries: int) -> Measured:
    with read_model_server() as server, closing(server.connect()) as asking:
        held = _load(server, book, entries)
        contenders = [*_own(server, book), Contender(PLAIN, lambda: asking.run(_PLAIN))]
        others = [asking.run(_PLAIN)]
        if has("duckdb"):
            duck = _duckdb(held)
            contenders.append(Contender(DUCKDB, lambda: duck.sql(_PLAIN).fetchall()))
            others.append(duck.sql(_PLAIN).fetchall())
        measured = interleaved(contenders, rounds)
        for rows in (asking.run(_KEPT), *others):
            _agree(held, rows)
    return measured


def _load(server: ReadModelServer, book: Book, how_many: int) -> list[Entry]:
    """Put entries into the read model without totals; return them."""
    held: list[Entry] = []
    fresh = strategies.entries(book, how_many)
    with closing(server.connect("livro_projector")) as connection:
        put = connection.prepare(statement("replace_entries.sql"))
        while chunk := list(itertools.islice(fresh, _CHUNK)):
            put.run(**columns([_change(one) for one in chunk]))
            held += chunk
    server.administrate("VACUUM ANALYZE entries")
    return held


def _change(one: Entry) -> EntryChange:
    return EntryChange(one, parse_instant(one.occurred_at), content_digest(one))


def _own(server: ReadModelServer, book: Book) -> list[Contender]:
    repairer = Repairer(server.connections())
    repairer.begin()

    def count() -> int:
        return sum(
            repairer.repair([merchant], [], _nothing_doubtful).totals for merchant in book.merchants
        )

    def lose() -> None:
        server.administrate(f"TRUNCATE {_TOTALS}")

    def check() -> None:
        if wrong := count():
            raise RuntimeError(f"{wrong} totals were wrong that had just been counted.")

    return [Contender(CHECK, check, prepare=count), Contender(WRITE, count, prepare=lose)]


def _nothing_doubtful(_entry_ids: Sequence[str]) -> AuthoritativeEntries:
    return AuthoritativeEntries([], [])


def _duckdb(held: Sequence[Entry]) -> Any:
    import duckdb as engine

    with tempfile.TemporaryDirectory(prefix="livro-bench-") as folder:
        path = Path(folder) / "entries.csv"
        with path.open("w", encoding="utf-8") as rows:
            lines = csv.writer(rows)
            lines.writerow(("merchant_id", "currency", "account", "day", "type", "amount_minor"))
            lines.writerows(
                (one.merchant_id, one.currency, one.account, one.day, one.type, one.amount_minor)
                for one in held
            )
        duck = engine.connect()
        duck.sql(f"CREATE TABLE entries AS SELECT * FROM '{path}'")
    return duck


def _agree(held: Sequence[Entry], rows: Sequence[Sequence[Any]]) -> None:
    """Raise unless rows tell the balances that plain addition gives, to the cent."""
    sums: dict[tuple[str, str], int] = {}
    for one in held:
        key = account_of(one), one.day.isoformat()
        sums[key] = sums.get(key, 0) + one.effect_minor
    right = running((account, day, cents) for (account, day), cents in sums.items())
    result = {(f"{row[0]}:{row[2]}", row[3].isoformat()): int(row[-1]) for row in rows}
    if result != right:
        raise RuntimeError("Balances counted in SQL are not what plain addition gives.")


def _finding(entries: int, found: Mapping[str, Measured]) -> Finding:
    return Finding(
        title=f"All totals of {entries:,} entries counted anew, in SQL",
        about=_ABOUT,
        columns=["", *(cell for of in found for cell in (of, "to the plain GROUP BY"))],
        rows=[_row(name, found) for name in found[next(iter(BOOKS))].seconds],
        targets=[target for of, measured in found.items() for target in _targets(of, measured)],
        notes=["The balances of all of them were the same to the cent, on every account and day."],
    )


def _targets(of: str, measured: Measured) -> list[Target]:
    why = _WHY if BOOKS[of] is ONE else f"{_WHY} {_WHY_MANY}"
    return [
        Target(f"{of}, all being right", measured.ratio(CHECK, PLAIN), "at most", 1.5, why),
        Target(f"{of}, all being lost", measured.ratio(WRITE, PLAIN), "at most", 1.5, why),
    ]


def _row(name: str, found: Mapping[str, Measured]) -> list[str]:
    cells = [name]
    for one in found.values():
        cells += [f"{one.best(name) * 1000:,.0f} ms", times(one.ratio(name, PLAIN))]
    return cells


_ABOUT = (
    "What a rebuild and a repair do last: hold each merchant, count its days, months, years and "
    "categories from the entries, and write what differs, in one SQL transaction a merchant. The "
    "plain statement gives days and balances alone, of all merchants at once, and writes nothing."
)
_WHY = (
    "Both use parallel workers. It reads five columns further into each row, groups by category "
    "too, which makes five times the groups, and keeps the newest moment."
)
_WHY_MANY = (
    "It holds one merchant at a time, so that the others' entries go on: four statements and a "
    "temporary table for each, and its rows lie apart. With fewer entries a merchant there are as "
    "many totals to write, so that most of the work is writing, which the plain statement does not."
)
