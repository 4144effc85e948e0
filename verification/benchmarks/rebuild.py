"""Daily balances from an export of the ledger: this project's code, and a plain loop."""

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from chalicelib.ledger.balances import run_of_days, totals_by
from chalicelib.ledger.entries import Entry
from chalicelib.projection.entry_changes import EntryChange, change_of_item
from verification.benchmarks import Extent
from verification.benchmarks.books import Book
from verification.benchmarks.results import Comparison, at_most, times
from verification.benchmarks.rounds import Contender, Measured, interleaved
from verification.kit.generators import item

TWICE_EVERY = 100
"""One entry in this many is exported twice."""
REBUILD = "a rebuild's entries and totals, with its checks: shapes, ranges, instants, digests"
PLAIN = "plain loop over integers"
_WHY = (
    "The loop reads four fields of an entry and checks nothing. A rebuild checks every field, "
    "parses instants and digests the content, because it must detect items that are not entries."
)
_ABOUT = (
    "CPU time. Five merchants with three accounts each, over a year, from an export of the "
    "ledger's table (DynamoDB JSON) in which every hundredth entry occurs twice."
)
Balances = dict[tuple[str, str], int]
"""Closing balance in cents by account (merchant:account) and day, of days with entries."""


BOOK = Book(("banca", "farmacia", "mercado", "oficina", "padaria"), 365)


def measure(extent: Extent) -> Comparison:
    """Return what the daily balances of entries cost."""
    with tempfile.TemporaryDirectory(prefix="livro-benchmark-") as folder:
        table = write_table(Path(folder) / "table.jsonl", extent.entries)
        programs: dict[str, Callable[[Path], Balances]] = {REBUILD: own_rebuild, PLAIN: plain_loop}
        results: dict[str, Balances] = {}

        def contender(name: str) -> Contender:
            return Contender(name, lambda: results.__setitem__(name, programs[name](table)))

        measured = interleaved([contender(n) for n in programs], extent.rounds, time.process_time)
    if results[REBUILD] != results[PLAIN]:
        raise RuntimeError(f"{REBUILD} must have the balances of the {PLAIN}.")
    return _comparison(extent.entries, measured)


def write_table(path: Path, count: int) -> Path:
    """Write an export of the ledger's table with `count` different entries."""
    with path.open("w", encoding="utf-8") as table:
        for number, entry in enumerate(BOOK.entries(count)):
            line = json.dumps({"Item": item(entry)}, ensure_ascii=False) + "\n"
            table.write(line * (2 if number % TWICE_EVERY == 0 else 1))
    return path


def account_of(entry: Entry) -> str:
    """Return an entry's account with its merchant."""
    return f"{entry.merchant_id}:{entry.account}"


def running(changes: Iterable[tuple[str, str, int]]) -> Balances:
    """Return balances from the net change of each account and day, in any order."""
    balances: Balances = {}
    closing: dict[str, int] = {}
    for account, day, cents in sorted(changes):
        closing[account] = closing.get(account, 0) + cents
        balances[account, day] = closing[account]
    return balances


def own_rebuild(table: Path) -> Balances:
    """Add up items as a rebuild reads them, with all of its checks."""
    changes = (change_of_item(item) for item in _items(table))
    return _balances(change.entry for change in changes if isinstance(change, EntryChange))


def plain_loop(table: Path) -> Balances:
    """Add up items by the least that can parse, deduplicate and group them."""
    seen: set[str] = set()
    sums: dict[tuple[str, str], int] = {}
    for line in _items(table):
        name = line["entry_id"]["S"]
        if name in seen:
            continue
        seen.add(name)
        key = line["merchant_id"]["S"] + ":" + line["account"]["S"], line["day"]["S"]
        cents = int(line["amount_minor"]["N"])
        sums[key] = sums.get(key, 0) + (cents if line["type"]["S"] == "credit" else -cents)
    return running((account, day, cents) for (account, day), cents in sums.items())


def _items(table: Path) -> Iterator[dict[str, dict[str, str]]]:
    with table.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["Item"]


def _balances(entries: Iterable[Entry]) -> Balances:
    totals = totals_by(_once(entries), lambda entry: (account_of(entry), entry.day))
    balances: Balances = {}
    for account in {account for account, _ in totals}:
        days = {day: total for (name, day), total in totals.items() if name == account}
        for balance in run_of_days(min(days), max(days), 0, days, {}):
            if balance.day in days:
                balances[account, balance.day.isoformat()] = balance.closing_minor
    return balances


def _once(entries: Iterable[Entry]) -> Iterator[Entry]:
    seen: set[str] = set()
    for entry in entries:
        if entry.entry_id not in seen:
            seen.add(entry.entry_id)
            yield entry


def _comparison(entries: int, measured: Measured) -> Comparison:
    def row(name: str) -> list[str]:
        seconds = measured.best(name)
        ratio = times(measured.ratio(name, PLAIN))
        return [name, f"{seconds:,.2f} s", f"{entries / seconds:,.0f}", ratio]

    return Comparison(
        title=f"Daily balances of {entries:,} entries, from a file",
        about=_ABOUT,
        columns=["", "CPU time", "entries a CPU second", f"to the {PLAIN}"],
        rows=[row(name) for name in measured.seconds],
        targets=[
            at_most(
                f"a rebuild's checks, to the {PLAIN}", measured.ratio(REBUILD, PLAIN), 1.3, _WHY
            )
        ],
        notes=["All balances were the same to the cent, on every account and day."],
    )
