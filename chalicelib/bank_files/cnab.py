"""Read CNAB 240, “extrato de conta corrente para conciliação bancária” (segment E, FEBRABAN).

Sources of the positions: RJ-SMTR/api-cct, src/configuration/cnab/templates/cnab-240/104/extrato
(Caixa's manual of May 2022), and marcodpt/cnab, conciliacao/ (Itaú, Bradesco, Banco do Brasil,
Caixa and Santander, with a test file each).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from chalicelib.bank_files.bank_file import BankRow, BankStatement, Calendar
from chalicelib.bank_files.days import Moment, parse_written
from chalicelib.bank_files.errors import MAX_ROWS, BankFileError, FileTooLargeError, RowError
from chalicelib.bank_files.outcomes import RowReader, judge
from chalicelib.bank_files.text import bank_id_of, collapse, quoted
from chalicelib.ledger.currencies import DEFAULT_CURRENCY, MINOR_DIGITS
from chalicelib.ledger.money import MAX_DIGITS

_WIDTH = 240
_FILE_HEADER = re.compile(r"[0-9]{3}00000[ 0-9].{134,231}\n", re.ASCII)
_BATCH_HEADER, _DETAIL, _BATCH_TRAILER = "1", "3", "5"
_STATEMENT = "E"
_CENTAVO_DIGITS = 2


@dataclass(slots=True)
class _Batch:
    """The records of one account: header, trailer, and details with their number and line."""

    header: str | None = None
    trailer: str | None = None
    details: list[tuple[int, int, str]] = field(default_factory=list)

    @property
    def is_statement(self) -> bool:
        return bool(self.header) or any(each[13] == _STATEMENT for *_, each in self.details)


def is_cnab(text: str) -> bool:
    """Return whether a text begins with the header of a CNAB 240 file."""
    return _FILE_HEADER.match(f"{text.lstrip()[:_WIDTH]}\n") is not None


def read_cnab(text: str, calendar: Calendar) -> list[BankStatement]:
    """Return a statement for each batch; raise BankFileError if none is of an account's rows.

    Details of other services in the same file are information, in the statement beside them.
    """
    batches = _batches(text)
    if not any(batch.is_statement for batch in batches):
        raise BankFileError(
            "other-service",
            "This CNAB 240 file is of another service; export the “extrato para conciliação”, "
            "which has segment E.",
        )
    return [_statement(batch, calendar) for batch in batches]


def _batches(text: str) -> list[_Batch]:
    batches: list[_Batch] = []
    is_statement, number = False, 0
    for line, record in _records(text):
        kind = record[7]
        if kind == _BATCH_HEADER:
            is_statement = record[8] == _STATEMENT
            if is_statement and (not batches or batches[-1].header):
                batches.append(_Batch())
            if is_statement:
                batches[-1].header = record
        elif kind == _DETAIL:
            number += 1
            if number > MAX_ROWS:
                raise FileTooLargeError
            if not batches:
                batches.append(_Batch())
            batches[-1].details.append((number, line, record))
        elif kind == _BATCH_TRAILER and is_statement:
            batches[-1].trailer = record
            is_statement = False
    return batches


def _records(text: str) -> Iterator[tuple[int, str]]:
    lines = text.split("\n")
    if len(lines[0]) > _WIDTH and len(lines) <= 2:
        whole = lines[0]
        lines = [whole[at : at + _WIDTH] for at in range(0, len(whole), _WIDTH)]
    for line, record in enumerate(lines, 1):
        if record.strip():
            yield line, record.ljust(_WIDTH)


def _statement(batch: _Batch, calendar: Calendar) -> BankStatement:
    header, trailer = batch.header, batch.trailer
    currency = (header[170:173].strip() if header else "") or DEFAULT_CURRENCY
    rows = tuple(_row(detail, currency, calendar) for detail in batch.details)
    days = [row.day for row in rows if row.day and row.outcome != "refused"]
    closing_day = _day(trailer, calendar) if trailer else None
    return BankStatement(
        number=_account(header or batch.details[0][2]),
        currency=currency,
        rows=rows,
        opening_minor=_balance(header, currency),
        closing_minor=_balance(trailer, currency),
        closing_day=closing_day or max(days, default=None),
    )


def _row(detail: tuple[int, int, str], currency: str, calendar: Calendar) -> BankRow:
    number, line, record = detail
    segment = record[13]
    is_movement = segment == _STATEMENT
    text = collapse(record[176:201] if is_movement else record[17:])
    row = BankRow(
        row=number,
        line=line,
        outcome="created" if is_movement else "information",
        reason=None if is_movement else f"segment {quoted(segment)}",
        day=None,
        occurred_at=None,
        amount_minor=None,
        balance_minor=None,
        bank_id=bank_id_of(record[201:_WIDTH]),
        description=text,
        raw_text=(text,),
    )
    if not is_movement:
        return row
    return judge(
        row,
        RowReader(lambda: _moment(record, calendar), lambda: _amount(record, currency)),
        calendar,
    )


def _moment(record: str, calendar: Calendar) -> Moment:
    day = record[142:150]
    return parse_written(f"{day[:2]}/{day[2:4]}/{day[4:]}", "day-first", calendar)


def _amount(record: str, currency: str) -> int | None:
    digits, sign = record[150:168].strip(), record[168]
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit()) or len(digits.lstrip("0")) > MAX_DIGITS:
        raise RowError(f"the amount {quoted(digits)} is not a number of up to {MAX_DIGITS} digits")
    if MINOR_DIGITS.get(currency) != _CENTAVO_DIGITS:
        raise RowError(f"the currency {quoted(currency)} is not one with two decimals")
    if sign not in ("C", "D"):
        raise RowError(f"the amount is neither D nor C, but {quoted(sign)}")
    return -int(digits) if sign == "D" else int(digits)


def _balance(record: str | None, currency: str) -> int | None:
    try:
        return _amount(record, currency) if record else None
    except RowError:
        return None


def _day(record: str, calendar: Calendar) -> date | None:
    try:
        return _moment(record, calendar).day
    except RowError:
        return None


def _account(record: str) -> str | None:
    """Return agency and account with their check digits, as "00123-4/000000056789-0"."""
    agency, agency_digit = record[52:57].strip(), record[57].strip()
    account, digits = record[58:70].strip(), record[70:72].strip()
    if not account.strip("0"):
        return None
    parts = ((agency, agency_digit), (account, digits[:1]))
    return "/".join("-".join(filter(None, part)) for part in parts)
