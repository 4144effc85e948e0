"""Which columns of a CSV file mean what: a mapping by the merchant, or a preset's layout."""

from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.bank_files.amounts import Decimal
from chalicelib.bank_files.days import DayOrder
from chalicelib.bank_files.text import fold
from chalicelib.ledger.currencies import DEFAULT_CURRENCY

Skip = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The columns by name, in any case and with or without accents.

    The amount is one column, with its sign or with a `sign_column` in which `debit_signs` are money
    out, or one column each for `credit` and `debit`. `decimal` is recognized from the whole file if
    it is None. Without `dates` the day is first; rows of a file that shows otherwise are refused,
    because a piece of it may not show it. Rows with one of the values of a column in `skip` are
    refused. `turn_signs` is for card files, in which a purchase is positive.
    """

    day: str
    description: tuple[str, ...]
    amount: str | None = None
    credit: str | None = None
    debit: str | None = None
    sign_column: str | None = None
    debit_signs: tuple[str, ...] = ()
    bank_id: str | None = None
    balance: str | None = None
    decimal: Decimal | None = None
    dates: DayOrder | None = None
    skip: Skip = ()
    turn_signs: bool = False
    currency: str = DEFAULT_CURRENCY

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it names."""
        names = [self.day, *self.description, self.amount, self.credit, self.debit]
        names += [self.sign_column, self.bank_id, self.balance, *(name for name, _ in self.skip)]
        return tuple(dict.fromkeys(name for name in names if name))


@dataclass(frozen=True, slots=True)
class Layout:
    """A mapping, and what only presets say of a file.

    `header` are the columns by which the file is recognized. `account` and `instalment` are
    columns; `foreign` are the columns of the amount in US dollars and of the rate. `summary` are
    the columns of the opening and the closing balance, in a table above. `balance_before` is a
    column: the amount is what the balance changed by, after fees. `daily_balance` says that the
    balance is that of the end of the day. A `complete` header has no other columns; its names are
    so common that others use them, too. A `headerless` file has only these columns and no header.
    Where the `month_may_be_first`, amounts with a comma say that it is not, and with points only a
    day above 12 says whether it is.
    """

    mapping: ColumnMapping
    header: tuple[str, ...]
    account: str | None = None
    instalment: str | None = None
    foreign: tuple[str, str] | None = None
    summary: tuple[str, str] | None = None
    balance_before: str | None = None
    daily_balance: bool = False
    complete: bool = False
    headerless: bool = False
    month_may_be_first: bool = False


class Header(NamedTuple):
    """A header: how many lines come before its rows, the delimiter, and the folded columns."""

    lines_before: int
    delimiter: str
    columns: tuple[str, ...]
    layout: Layout


def layout_of(mapping: ColumnMapping) -> Layout:
    """Return the layout of a mapping, whose header has at least the columns that it names."""
    return Layout(mapping, mapping.columns)


def matches(layout: Layout, columns: tuple[str, ...]) -> bool:
    """Return whether folded columns are a header of this layout, which may have further columns."""
    if layout.headerless:
        return False
    names = {fold(name) for name in layout.header}
    return names == set(columns) - {""} if layout.complete else names <= set(columns)
