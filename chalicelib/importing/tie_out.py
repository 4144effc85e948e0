"""The tie-out: a bank file's balances, day by day, beside those of the book.

The file's balance of a day is what it states after the day's last row, or else the balance before
plus the rows. It begins with the opening, and ends with the closing that the file states.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from chalicelib.bank_files.bank_file import BankRow, BankStatement
from chalicelib.importing.bank_import import TieOut

DayBalances = tuple[tuple[date, int], ...]


class BookDays(NamedTuple):
    """An account's book: its balance before a day, and what each day from then on changes it by.

    `has_earlier` says whether it has an entry before that day.
    """

    opening_minor: int
    has_earlier: bool
    days: Mapping[date, int]


class FileBalances(NamedTuple):
    """What a statement's balances are compared with: from its first day to its closing day."""

    first: date
    closing_day: date
    opening_minor: int
    closing_minor: int
    days: DayBalances


def file_balances(statement: BankStatement) -> FileBalances | None:
    """Return the balances of a statement; None if the file states no closing balance, or no day."""
    closing_minor = statement.closing_minor
    closing_day = statement.closing_day or statement.last
    if closing_minor is None or closing_day is None:
        return None
    first = min(statement.first or closing_day, closing_day)
    opening_minor = statement.opening_minor
    if opening_minor is None:
        opening_minor = closing_minor - statement.sum_minor
    days: dict[date, int] = {}
    balance = opening_minor
    ordered, states_balances = _chronological(statement.rows)
    for row in ordered:
        if row.outcome == "created":
            balance += row.amount_minor or 0
        if row.balance_minor is not None and states_balances:
            balance = row.balance_minor
        if row.day is not None and row.day < closing_day:
            days[row.day] = balance
    days[closing_day] = closing_minor
    return FileBalances(first, closing_day, opening_minor, closing_minor, tuple(days.items()))


def compare(file: FileBalances, book: BookDays, added: Mapping[date, int] | None = None) -> TieOut:
    """Return the tie-out of a statement; `added` are the sums by day of rows not yet recorded.

    `book` begins on the statement's first day. Rows of an earlier statement of the same account, in
    the same file, are its earlier entries.
    """
    changes = dict(book.days)
    for day, amount_minor in (added or {}).items():
        changes[day] = changes.get(day, 0) + amount_minor
    earlier = [minor for day, minor in changes.items() if day < file.first]
    book_minor = opening_minor = book.opening_minor + sum(earlier)
    stated, file_minor = dict(file.days), file.opening_minor
    parted_on = None if opening_minor == file_minor else file.first
    for day in sorted({*changes, *stated}):
        if file.first <= day <= file.closing_day:
            book_minor += changes.get(day, 0)
            file_minor = stated.get(day, file_minor)
            if parted_on is None and book_minor != file_minor:
                parted_on = day
    return TieOut(
        file_minor=file.closing_minor,
        book_minor=book_minor,
        parted_on=None if book_minor == file.closing_minor else parted_on,
        opening_missing_minor=None if book.has_earlier or earlier else file.opening_minor,
    )


def _chronological(rows: Sequence[BankRow]) -> tuple[list[BankRow], bool]:
    """Return the rows that move or state the balance, oldest first; and whether both are in order.

    Rows whose days go up and down are sorted, and then the balances that they state mean nothing.
    """
    dated = [row for row in rows if row.day and row.outcome in ("created", "information")]
    days = [row.day for row in dated if row.day]
    if days == sorted(days):
        return dated, True
    if days == sorted(days, reverse=True):
        return dated[::-1], True
    return sorted(dated, key=lambda row: row.day or date.min), False
