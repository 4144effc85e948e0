"""Programs and loops that turn a book's file into daily balances, each in its own way."""

import csv
import io
import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from chalicelib.ledger.balances import run_of_days, totals_by
from chalicelib.ledger.entries import Entry
from chalicelib.projection.entry_changes import EntryChange, change_of_item
from chalicelib.storage.dynamodb_items import is_entry, item_entry
from verification.benchmarks.books import Balances, account_of, beancount_name, running

Changes = list[tuple[str, str, int]]
"""Net change in cents by account and day."""


def own_code(table: Path) -> Balances:
    """Livro Caixa: items to entries, each id once, totals by day, and the days of each account."""
    return _balances(_once(_entries(table)))


def own_rebuild(table: Path) -> Balances:
    """Livro Caixa as a rebuild reads: each item's shape, ranges, instants and digest as well."""
    return _balances(_once(change.entry for change in _changes(table)))


def _balances(entries: Iterable[Entry]) -> Balances:
    totals = totals_by(entries, lambda one: (account_of(one), one.day))
    balances: Balances = {}
    for account in {account for account, _ in totals}:
        days = {day: total for (name, day), total in totals.items() if name == account}
        for balance in run_of_days(min(days), max(days), 0, days, {}):
            if balance.day in days:
                balances[account, balance.day.isoformat()] = balance.closing_minor
    return balances


def plain_loop(table: Path) -> Balances:
    """Plain Python over integers: the least that can parse, deduplicate and group the lines."""
    seen: set[str] = set()
    sums: dict[tuple[str, str], int] = {}
    with table.open(encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)["Item"]
            name = item["entry_id"]["S"]
            if name in seen:
                continue
            seen.add(name)
            key = item["merchant_id"]["S"] + ":" + item["account"]["S"], item["day"]["S"]
            cents = int(item["amount_minor"]["N"])
            sums[key] = sums.get(key, 0) + (cents if item["type"]["S"] == "credit" else -cents)
    return running((account, day, cents) for (account, day), cents in sums.items())


def duckdb(rows: Path) -> Balances:
    """DuckDB over a CSV file, which is less to read than the table's JSON: one statement."""
    import duckdb as engine

    result = engine.sql(
        f"""
        SELECT account, day, sum(sum(cents)) OVER (PARTITION BY account ORDER BY day)
        FROM (SELECT DISTINCT ON (entry_id) * FROM '{rows}') GROUP BY account, day
        """
    ).fetchall()
    return {(account, day.isoformat()): int(cents) for account, day, cents in result}


def hledger(journal: Path) -> Balances:
    """Run hledger's daily balance report, each day's balance at its end."""
    report = ("bal", "-D", "-H", "-N", "-O", "csv", "--layout=bare", "assets")
    result = _told("hledger", "-f", str(journal), *report)
    header, *lines = csv.reader(io.StringIO(result))
    return {
        (line[0].removeprefix("assets:"), day): _cents(amount)
        for line in lines
        for day, amount in zip(header[2:], line[2:], strict=True)
    }


def ledger(journal: Path) -> Balances:
    """Run ledger's register by day, and add up what it tells."""
    form = '%(format_date(date, "%Y-%m-%d"))|%(account)|%(quantity(amount))\n'
    result = _told("ledger", "-f", str(journal), "reg", "--daily", "--format", form, "^assets")
    lines = (line.split("|") for line in result.splitlines())
    return running(
        (account.removeprefix("assets:"), day, _cents(amount)) for day, account, amount in lines
    )


def beancount(book: Path) -> Balances:
    """Load the file with beancount's own loader, its cache off, and add up the postings."""
    from beancount import loader

    loader.initialize(False)
    entries, errors, _ = loader.load_file(str(book))
    if errors:
        raise RuntimeError(f"beancount found {len(errors)} errors, such as {errors[0]}")
    sums: dict[tuple[str, str], Any] = {}
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            key = posting.account, entry.date.isoformat()
            sums[key] = sums.get(key, 0) + posting.units.number
    return running(
        (account, day, int(number * 100))
        for (account, day), number in sums.items()
        if account.startswith("Assets:")
    )


def agree(truth: Balances, told: Balances, name: str) -> None:
    """Raise unless balances are the same to the cent on each day with a change.

    Some programs leave out days on which an account did not change in the end, or tell days
    without entries too: what was told last holds there.
    """
    known = told if name != "beancount" else _named_alike(truth, told)
    before: dict[str, int] = {}
    for (account, day), cents in sorted(truth.items()):
        result = known.get((account, day), before.get(account, 0))
        if result != cents:
            raise RuntimeError(f"{name} says {result} cents of {account} on {day}, not {cents}")
        before[account] = result


def _entries(table: Path) -> Iterator[Entry]:
    with table.open(encoding="utf-8") as lines:
        for line in lines:
            item = json.loads(line)["Item"]
            if is_entry(item):
                yield item_entry(item)


def _changes(table: Path) -> Iterator[EntryChange]:
    with table.open(encoding="utf-8") as lines:
        for line in lines:
            change = change_of_item(json.loads(line)["Item"])
            if change is not None:
                yield change


def _once(entries: Iterable[Entry]) -> Iterator[Entry]:
    seen: set[str] = set()
    for entry in entries:
        if entry.entry_id not in seen:
            seen.add(entry.entry_id)
            yield entry


def _named_alike(truth: Balances, told: Balances) -> Balances:
    names = {beancount_name(account): account for account, _ in truth}
    return {(names[account], day): cents for (account, day), cents in told.items()}


def _cents(amount: str) -> int:
    whole, _, fraction = amount.partition(".")
    sign = -1 if whole.startswith("-") else 1
    return int(whole) * 100 + sign * int(fraction.ljust(2, "0"))


def _told(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return ran.stdout
