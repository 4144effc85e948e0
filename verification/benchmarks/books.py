"""One book of entries in the files of several programs, and the balances that all must agree on."""

import csv
import json
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from chalicelib.ledger.entries import Entry
from verification.benchmarks import strategies
from verification.benchmarks.strategies import ACCOUNTS, Book

BOOK = Book(merchants=("banca", "farmacia", "mercado", "oficina", "padaria"), days=365)
EVERY = 100
"""One entry in so many comes a second time, where a program can tell."""

Balances = dict[tuple[str, str], int]
"""Closing balance in cents by account (merchant:account) and day, of days with entries."""


@dataclass(frozen=True, slots=True)
class Files:
    """Where the same entries are; `table` and `rows` hold some of them twice."""

    table: Path
    rows: Path
    hledger: Path
    ledger: Path
    beancount: Path


def write_files(folder: Path, how_many: int) -> Files:
    """Write a book of so many entries in every form."""
    names = ("table.jsonl", "rows.csv", "book.journal", "book.ledger", "book.beancount")
    files = Files(*(folder / name for name in names))
    with ExitStack() as at_the_end:
        table, rows, hledger, ledger, beancount = (
            at_the_end.enter_context((folder / name).open("w", encoding="utf-8")) for name in names
        )
        _open_accounts(beancount)
        lines = csv.writer(rows)
        lines.writerow(("entry_id", "account", "day", "cents"))
        for number, one in enumerate(strategies.entries(BOOK, how_many)):
            for _ in range(2 if number % EVERY == 0 else 1):
                table.write(json.dumps({"Item": strategies.item(one)}, ensure_ascii=False) + "\n")
                lines.writerow((one.entry_id, account_of(one), one.day, one.effect_minor))
            amount = _decimal(one.effect_minor)
            day = one.day.isoformat()
            for journal in (hledger, ledger):
                journal.write(_journal_entry(day, account_of(one), amount))
            beancount.write(_beancount_entry(day, account_of(one), amount))
    return files


def account_of(one: Entry) -> str:
    """Return an entry's account under its merchant."""
    return f"{one.merchant_id}:{one.account}"


def running(changes: Iterable[tuple[str, str, int]]) -> Balances:
    """Return balances from the net change of each account and day, in any order."""
    balances: Balances = {}
    standing: dict[str, int] = {}
    for account, day, cents in sorted(changes):
        standing[account] = standing.get(account, 0) + cents
        balances[account, day] = standing[account]
    return balances


def beancount_name(account: str) -> str:
    """Return an account as beancount wants it: every part begins with a capital."""
    return ":".join(["Assets", *(part.capitalize() for part in account.split(":"))])


def _open_accounts(beancount: IO[str]) -> None:
    beancount.write('option "operating_currency" "BRL"\n2020-01-01 open Income:Sales BRL\n')
    for merchant in BOOK.merchants:
        for account in ACCOUNTS:
            beancount.write(f"2020-01-01 open {beancount_name(f'{merchant}:{account}')} BRL\n")


def _journal_entry(day: str, account: str, amount: str) -> str:
    # Both amounts are written out, so that nobody has to find the second.
    return f"{day} x\n    assets:{account}  {amount} BRL\n    income  {_negated(amount)} BRL\n\n"


def _beancount_entry(day: str, account: str, amount: str) -> str:
    name = beancount_name(account)
    return f'{day} * "x"\n  {name}  {amount} BRL\n  Income:Sales  {_negated(amount)} BRL\n\n'


def _negated(amount: str) -> str:
    return amount.removeprefix("-") if amount.startswith("-") else f"-{amount}"


def _decimal(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
