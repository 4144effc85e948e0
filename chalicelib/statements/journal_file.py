"""A statement as a journal: plain text accounting, readable by hledger and ledger.

Each entry moves money between its account and its category. After the last entry of a day, every
account that it changed has a balance assertion, which both programs check.
"""

import re
from collections.abc import Iterator
from itertools import chain

from chalicelib.ledger.money import format_amount
from chalicelib.ledger.statement import Statement, StatementEntry, entries_by_day
from chalicelib.statements.labels import day_text, labels

_ASSETS = "assets"
_OPENING = "equity:opening"
_KINDS = {"credit": "income", "debit": "expenses"}
_NO_CATEGORY = "uncategorized"
# A semicolon begins a comment, and a bar separates the payee; both would end the description.
_SPECIAL = re.compile("[;|]")


def journal_file(statement: Statement, locale: str) -> bytes:
    """Return the statement as a journal in UTF-8."""
    return ("\n".join(_lines(statement, locale)) + "\n").encode()


def _lines(statement: Statement, locale: str) -> Iterator[str]:
    words = labels(locale)
    first, last = day_text(statement.first, locale), day_text(statement.last, locale)
    account = statement.account or words.all_accounts
    yield f"; {words.statement} {first} {words.to} {last}, {account}"
    yield ""
    places = len(format_amount(0, statement.currency).partition(".")[2])
    yield f"commodity 1000.{'0' * places} {statement.currency}"
    yield from chain.from_iterable(_opening(statement, words.opening))
    balances = dict(statement.openings)
    for _, lines in entries_by_day(statement):
        last_of = {line.entry.account: line for line in lines}
        for line in lines:
            account = line.entry.account
            balances[account] = balances.get(account, 0) + line.entry.effect_minor
            asserted = balances[account] if last_of[account] is line else None
            yield from _transaction(line, asserted)


def _opening(statement: Statement, title: str) -> Iterator[list[str]]:
    if statement.openings:
        yield ["", f"{statement.first.isoformat()} {title}"]
        for account, minor in sorted(statement.openings.items()):
            amount = _amount(minor, statement.currency)
            yield [f"    {_ASSETS}:{account}  {amount} = {amount}"]
        yield [f"    {_OPENING}"]


def _transaction(line: StatementEntry, asserted_minor: int | None) -> Iterator[str]:
    entry = line.entry
    description = _SPECIAL.sub(",", entry.description or "").strip()
    amount = _amount(entry.effect_minor, entry.currency)
    asserted = "" if asserted_minor is None else f" = {_amount(asserted_minor, entry.currency)}"
    kind, category = _KINDS[entry.type], entry.category or _NO_CATEGORY
    yield ""
    yield f"{entry.day.isoformat()} ({entry.entry_id}) {description}".rstrip()
    if entry.reverses:
        yield f"    ; reverses: {entry.reverses}"
    if line.reversed_by:
        yield f"    ; reversed-by: {line.reversed_by}"
    yield f"    {_ASSETS}:{entry.account}  {amount}{asserted}"
    yield f"    {kind}:{category}  {_amount(-entry.effect_minor, entry.currency)}"


def _amount(amount_minor: int, currency: str) -> str:
    return f"{format_amount(amount_minor, currency)} {currency}"
