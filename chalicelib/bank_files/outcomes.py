"""What becomes of a row: the same rules for every format."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from chalicelib.bank_files.balance_texts import (
    begins_as_balance,
    is_balance,
    is_of_the_account,
)
from chalicelib.bank_files.bank_file import BankRow, Calendar
from chalicelib.bank_files.days import Moment
from chalicelib.bank_files.errors import RowError

IS_BALANCE = "balance"
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class RowReader:
    """How to read the day and the amount of a row; each raises RowError if it cannot."""

    moment: Callable[[], Moment]
    amount: Callable[[], int | None]


def judge(row: BankRow, reader: RowReader, calendar: Calendar) -> BankRow:
    """Return the row with its day, its amount, its outcome and the reason for it.

    A balance row is information, whatever else it says, and so is a row that begins as one and has
    no amount. A row is refused with the first thing that is wrong with it, and keeps what could be
    read.
    """
    moment, day_error = _attempt(reader.moment)
    amount_minor, amount_error = _attempt(reader.amount)
    day = moment.day if moment else None
    if is_balance(row.description, row.raw_text):
        return _balance(replace(row, day=day), amount_minor)
    if not amount_error and not amount_minor and begins_as_balance(row.description):
        return _balance(replace(row, day=day), None)
    reason = day_error or amount_error or _value_error(day, amount_minor, calendar)
    return replace(
        row,
        outcome="refused" if reason else "created",
        reason=reason,
        day=day,
        occurred_at=moment.occurred_at if moment else None,
        amount_minor=amount_minor,
    )


def _attempt(read: Callable[[], Value]) -> tuple[Value | None, str | None]:
    """Return what could be read, or the reason why it could not."""
    try:
        return read(), None
    except RowError as error:
        return None, str(error)


def _value_error(day: date | None, amount_minor: int | None, calendar: Calendar) -> str | None:
    if not amount_minor:
        return "it has no amount" if amount_minor is None else "the amount is zero"
    if day and day > calendar.today:
        return f"the day is in the future; it may be imported from {day:%Y-%m-%d} on"
    return None


def _balance(row: BankRow, amount_minor: int | None) -> BankRow:
    balance_minor = amount_minor if row.balance_minor is None else row.balance_minor
    if not is_of_the_account(row.description):
        balance_minor = None
    return replace(row, outcome="information", reason=IS_BALANCE, balance_minor=balance_minor)
