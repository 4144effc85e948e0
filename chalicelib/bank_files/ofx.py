"""Read OFX 1.x and 2.x (Open Financial Exchange 1.0.2 and 2.1.1) as Brazilian banks write it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from chalicelib.bank_files.amounts import parse_amount
from chalicelib.bank_files.bank_file import BankRow, BankStatement, Calendar, created_sum
from chalicelib.bank_files.card_signs import card_amount
from chalicelib.bank_files.days import Moment, parse_ofx
from chalicelib.bank_files.errors import MAX_ROWS, FileTooLargeError, RowError
from chalicelib.bank_files.ofx_elements import Element, elements
from chalicelib.bank_files.outcomes import RowReader, judge
from chalicelib.bank_files.text import bank_id_of, collapse, join, quoted
from chalicelib.ledger.currencies import DEFAULT_CURRENCY, MINOR_DIGITS

_STATEMENTS = ("STMTRS", "CCSTMTRS", "INVSTMTRS")
_SCOPES = {
    "BANKACCTFROM": "account",
    "CCACCTFROM": "account",
    "INVACCTFROM": "account",
    "LEDGERBAL": "balance",
    "AVAILBAL": "",
    "BALLIST": "",
}
_OTHER_ACCOUNTS = ("BANKACCTTO", "CCACCTTO")
_CUT_NAME = 20  # from this length on, NAME (at most 32) may end within a word
_CURRENCIES = ("CURRENCY", "ORIGCURRENCY")
_ROW_FIELDS = frozenset(
    {"TRNTYPE", "DTPOSTED", "TRNAMT", "FITID", "NAME", "PAYEE", "MEMO", "CURSYM", "CURRATE"}
)


@dataclass(slots=True)
class _Transaction:
    number: int
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    currency_kind: str = ""


@dataclass(slots=True)
class _Statement:
    is_card: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    transactions: list[_Transaction] = field(default_factory=list)


def read_ofx(text: str, calendar: Calendar) -> list[BankStatement]:
    """Return the statements of all accounts in a file, or in several files joined into one."""
    collector = _Collector()
    for element in elements(text):
        collector.take(element)
    return [_statement(each, calendar) for each in collector.statements]


class _Collector:
    """Sorts elements into statements and transactions, by start tags more than by end tags."""

    def __init__(self) -> None:
        self.statements: list[_Statement] = []
        self._row: _Transaction | None = None
        self._scope = ""
        self._rows = 0

    def take(self, element: Element) -> None:
        name = element.name
        if name in _STATEMENTS:
            self.statements.append(_Statement(is_card=name == "CCSTMTRS"))
            self._row, self._scope = None, "statement"
        elif name == "STMTTRN":
            self._start_row(element.line)
        elif name in _SCOPES:
            self._row, self._scope = None, _SCOPES[name]
        elif name.startswith("/"):
            self._end(name[1:])
        elif self._row is not None:
            self._take_into_row(self._row, element)
        elif self._scope and self.statements and element.value:
            self.statements[-1].fields.setdefault(f"{self._scope} {name}", collapse(element.value))

    def _start_row(self, line: int) -> None:
        self._rows += 1
        if self._rows > MAX_ROWS:
            raise FileTooLargeError
        if not self.statements:
            self.statements.append(_Statement())
        self._row, self._scope = _Transaction(self._rows, line), "row"
        self.statements[-1].transactions.append(self._row)

    def _end(self, name: str) -> None:
        if name in _OTHER_ACCOUNTS and self._row is not None:
            self._scope = "row"
        elif name in ("STMTTRN", "BANKTRANLIST", *_SCOPES):
            self._row, self._scope = None, "statement"
        elif name in _STATEMENTS or name == "OFX":
            self._row, self._scope = None, ""

    def _take_into_row(self, row: _Transaction, element: Element) -> None:
        if element.name in _OTHER_ACCOUNTS:
            self._scope = "other"
        elif element.name in _CURRENCIES:
            row.currency_kind = element.name
        elif element.name in _ROW_FIELDS and self._scope == "row":
            value = collapse(element.value)
            if value:
                row.fields.setdefault(element.name, value)


def _statement(source: _Statement, calendar: Calendar) -> BankStatement:
    currency = source.fields.get("statement CURDEF", DEFAULT_CURRENCY).upper()
    rows = tuple(
        _row(each, currency, calendar, is_card=source.is_card) for each in source.transactions
    )
    closing_minor = _closing(source.fields.get("balance BALAMT", ""), currency)
    return BankStatement(
        number=source.fields.get("account ACCTID"),
        currency=currency,
        rows=rows,
        opening_minor=None if closing_minor is None else closing_minor - created_sum(rows),
        closing_minor=closing_minor,
        closing_day=_closing_day(source.fields.get("balance DTASOF", ""), rows, calendar),
    )


def _row(source: _Transaction, currency: str, calendar: Calendar, *, is_card: bool) -> BankRow:
    fields = source.fields
    raw_text = (fields.get("NAME") or fields.get("PAYEE", ""), fields.get("MEMO", ""))
    row = BankRow(
        row=source.number,
        line=source.line,
        outcome="created",
        reason=None,
        day=None,
        occurred_at=None,
        amount_minor=None,
        balance_minor=None,
        bank_id=bank_id_of(fields.get("FITID", "")),
        description=_description(*raw_text),
        raw_text=raw_text,
        foreign=_foreign(source, currency),
    )

    def moment() -> Moment:
        return parse_ofx(fields.get("DTPOSTED", ""), calendar)

    def amount() -> int | None:
        _check_currency(source, currency)
        amount_minor = parse_amount(fields.get("TRNAMT", ""), currency)
        if amount_minor and is_card:
            return card_amount(amount_minor, fields.get("TRNTYPE", "").upper(), raw_text)
        return amount_minor

    return judge(row, RowReader(moment, amount), calendar)


def _description(name: str, memo: str) -> str:
    """Join NAME and MEMO, or return MEMO alone where NAME is only its beginning."""
    if memo[: len(name)].casefold() == name.casefold():
        ends_a_word = not memo[len(name) : len(name) + 1].isalnum()
        if ends_a_word or len(name) >= _CUT_NAME:
            return memo
    return join([name, memo])


def _check_currency(source: _Transaction, currency: str) -> None:
    if currency not in MINOR_DIGITS:
        raise RowError(f"the currency {quoted(currency)} is not one of ISO 4217")
    symbol = source.fields.get("CURSYM", currency).upper()
    if source.currency_kind == "CURRENCY" and symbol != currency:
        raise RowError(f"the amount is in {quoted(symbol)}, the statement in {currency}")


def _foreign(source: _Transaction, currency: str) -> str | None:
    symbol = source.fields.get("CURSYM", currency)
    if source.currency_kind != "ORIGCURRENCY" or symbol == currency:
        return None
    rate = source.fields.get("CURRATE")
    return f"{symbol} at {rate}" if rate else symbol


def _closing(text: str, currency: str) -> int | None:
    if currency not in MINOR_DIGITS:
        return None
    try:
        return parse_amount(text, currency)
    except RowError:
        return None


def _closing_day(text: str, rows: Sequence[BankRow], calendar: Calendar) -> date | None:
    try:
        return parse_ofx(text, calendar).day
    except RowError:
        return max((row.day for row in rows if row.day and row.outcome != "refused"), default=None)
