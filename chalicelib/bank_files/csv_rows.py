"""One record of a CSV file as a row: its texts, its day, its amount and its balance."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.bank_files.amounts import decimal_of, parse_amount
from chalicelib.bank_files.balance_texts import begins_as_balance
from chalicelib.bank_files.bank_file import BankRow, Calendar
from chalicelib.bank_files.csv_layout import Header
from chalicelib.bank_files.csv_records import Record
from chalicelib.bank_files.days import DayOrder, Moment, day_order, needs_order, parse_written
from chalicelib.bank_files.errors import RowError
from chalicelib.bank_files.outcomes import RowReader, judge
from chalicelib.bank_files.text import (
    bank_id_of,
    fold,
    instalment_in,
    join,
    quoted,
)

TEXT = "text"
"""The provisional reason of a row that is a heading or a footer."""
_US_DOLLAR = "USD"


class RowBuilder:
    """Makes rows of the records below one header, whose cells are collapsed.

    It sees all of them first, because the decimal separator and the order of day and month are
    decided once for the file.
    """

    def __init__(self, header: Header, rows: Sequence[Record], calendar: Calendar) -> None:
        self._layout, self._mapping = header.layout, header.layout.mapping
        self._columns = {name: at for at, name in reversed([*enumerate(header.columns)])}
        self._width = len(header.columns)
        self._places: dict[str, int] = {}
        self._day_column = fold(header.layout.mapping.day)
        self._calendar = calendar
        mapping = self._mapping
        amounts = [mapping.amount, mapping.credit, mapping.debit, mapping.balance]
        self._decimal = mapping.decimal or decimal_of(
            self._cell(record, name) for name in amounts if name for record in rows
        )
        days = (self._cell(record, mapping.day) for record in rows)
        self._order = self._order_of(days)
        self._debit_signs = {fold(sign) for sign in mapping.debit_signs}
        self._skip = [(name, {fold(value) for value in values}) for name, values in mapping.skip]

    def _order_of(self, days: Iterable[str]) -> DayOrder | None:
        if self._mapping.dates:
            return self._mapping.dates
        shown = day_order(days)
        if self._layout.month_may_be_first:
            return "day-first" if self._decimal == "," else shown
        # A piece of the file may not show it: neither is read as what its mapping does not say.
        return None if shown == "month-first" else "day-first"

    def account(self, record: Record) -> str | None:
        """Return the account that the record names, or None."""
        return self._cell(record, self._layout.account) or None

    def row(self, number: int, record: Record) -> BankRow:
        """Return the row of a record, with its outcome."""
        row = self._texts(number, record)
        day_cell = self._cell(record, self._mapping.day)
        if day_cell and not day_cell[0].isdigit() and fold(day_cell) == self._day_column:
            return _information(row, "header again", join(record.cells))
        if reason := self._not_a_movement(row, record, day_cell):
            return _information(row, reason, row.description)
        return judge(
            row,
            RowReader(lambda: self._moment(record), lambda: self._amount(record)),
            self._calendar,
        )

    def amount_of(self, text: str) -> int | None:
        """Return an amount of the file outside of its rows, or None if it cannot be read."""
        try:
            return parse_amount(text, self._mapping.currency, self._decimal)
        except RowError:
            return None

    def _texts(self, number: int, record: Record) -> BankRow:
        layout, mapping = self._layout, self._mapping
        texts = [self._cell(record, name) for name in mapping.description]
        kind = self._cell(record, layout.instalment)
        instalment = instalment_in(kind)
        described = join([*texts, kind if instalment else ""])
        return BankRow(
            row=number,
            line=record.line,
            outcome="created",
            reason=None,
            day=None,
            occurred_at=None,
            amount_minor=None,
            balance_minor=self.amount_of(self._cell(record, mapping.balance)),
            bank_id=bank_id_of(self._cell(record, mapping.bank_id)),
            description=described or next(filter(None, record.cells), ""),
            raw_text=(*texts, *([kind] if layout.instalment else [])),
            instalment=instalment,
            foreign=self._foreign(record),
        )

    def _not_a_movement(self, row: BankRow, record: Record, day_cell: str) -> str | None:
        mapping = self._mapping
        amounts = (mapping.amount, mapping.credit, mapping.debit)
        start = day_cell or row.description
        is_total = not start[:1].isdigit() and fold(start).startswith("total")
        if not is_total and any(self._cell(record, name) for name in amounts):
            return None
        if begins_as_balance(row.description) or self._has_day(day_cell):
            return None
        return "total" if is_total else TEXT

    def _has_day(self, day_cell: str) -> bool:
        try:
            return bool(parse_written(day_cell, self._order or "day-first", self._calendar))
        except RowError:
            return False

    def _moment(self, record: Record) -> Moment:
        if any(record.cells[self._width :]):
            raise RowError(f"it has {len(record.cells)} cells, the header has {self._width}")
        for name, values in self._skip:
            if fold(self._cell(record, name)) in values:
                raise RowError(f"{name} is {quoted(self._cell(record, name))}")
        text = self._cell(record, self._mapping.day)
        if self._order is None and (needs_order(text) or day_order([text]) == "month-first"):
            raise RowError(f"the day {quoted(text)} {self._unclear_order}")
        return parse_written(text, self._order or "day-first", self._calendar)

    @property
    def _unclear_order(self) -> str:
        if self._layout.month_may_be_first:
            return (
                "may have its day or its month first, which no row of the file shows: export the "
                "whole month, or send a mapping with the order of dates"
            )
        return (
            "seems to have its month first, as others of the file: send a mapping with "
            '"dates": "month-first"'
        )

    def _amount(self, record: Record) -> int | None:
        mapping = self._mapping
        if mapping.amount is None:
            amount_minor = self._credit_or_debit(record)
        else:
            amount_minor = self._change(record)
            if amount_minor is None:
                amount_minor = self._parse(record, mapping.amount)
        if amount_minor and fold(self._cell(record, mapping.sign_column)) in self._debit_signs:
            amount_minor = -abs(amount_minor)
        return -amount_minor if amount_minor and mapping.turn_signs else amount_minor

    def _credit_or_debit(self, record: Record) -> int | None:
        credit = self._parse(record, self._mapping.credit)
        debit = self._parse(record, self._mapping.debit)
        if credit and debit:
            raise RowError("it has an amount in both columns, for money in and for money out")
        return -abs(debit) if debit else credit or debit

    def _change(self, record: Record) -> int | None:
        before = self.amount_of(self._cell(record, self._layout.balance_before))
        after = self.amount_of(self._cell(record, self._mapping.balance))
        return None if before is None or after is None else after - before

    def _foreign(self, record: Record) -> str | None:
        if self._layout.foreign is None:
            return None
        amount, rate = (self._cell(record, name) for name in self._layout.foreign)
        if not amount.strip("0.,- "):
            return None
        return f"{_US_DOLLAR} {amount} at {rate}".replace(",", ".")

    def _parse(self, record: Record, name: str | None) -> int | None:
        return parse_amount(self._cell(record, name), self._mapping.currency, self._decimal)

    def _cell(self, record: Record, name: str | None) -> str:
        if not name:
            return ""
        if name not in self._places:
            self._places[name] = self._columns.get(fold(name), self._width)
        position = self._places[name]
        return record.cells[position] if position < len(record.cells) else ""


def _information(row: BankRow, reason: str, description: str) -> BankRow:
    return replace(
        row, outcome="information", reason=reason, description=description, balance_minor=None
    )
