"""What each program finds in a file of a statement: sums, days and texts as it reads them."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from verification.statement_readers.libreoffice import Cell, Sheets
from verification.statement_readers.programs import output


class Line(NamedTuple):
    """An entry: its day, what it adds to the balance, and the balance after it."""

    day: date
    amount: Decimal
    balance: Decimal


class Reading(NamedTuple):
    """The balances of a file: opening, credits, debits and closing, and each day's closing.

    `texts` are the descriptions, `lines` the entries, both in their order, and `roots` those of the
    closed days; each is None where a format lacks them or may change them.
    """

    sums: tuple[Decimal, ...]
    days: Mapping[date, Decimal]
    texts: Sequence[str] | None = None
    lines: Sequence[Line] | None = None
    roots: Mapping[date, str] | None = None


class Movement(NamedTuple):
    """A day and the amount that is added to the balance on it."""

    day: date
    amount: Decimal
    text: str = ""


Span = tuple[date, date]
Reader = Callable[[Path, Span], Reading]


def of_api(body: Mapping[str, Any]) -> Reading:
    """Return what a statement in JSON says."""
    return Reading(
        tuple(Decimal(body[name]) for name in ("opening", "credits", "debits", "closing")),
        {date.fromisoformat(day["day"]): Decimal(day["closing"]) for day in body["days"]},
        [entry["description"] or "" for entry in body["entries"]],
        [_api_line(entry) for entry in body["entries"]],
        {date.fromisoformat(day["day"]): day["root"] for day in body["days"] if day["root"]},
    )


def _api_line(entry: Mapping[str, str]) -> Line:
    sign = 1 if entry["type"] == "credit" else -1
    balance = Decimal(entry["balance"])
    return Line(date.fromisoformat(entry["day"]), sign * Decimal(entry["amount"]), balance)


def of_movements(closing: Decimal, movements: Sequence[Movement], span: Span) -> Reading:
    """Return the balances that follow from a closing balance and everything before it."""
    changes: dict[date, Decimal] = {}
    for movement in movements:
        changes[movement.day] = changes.get(movement.day, Decimal()) + movement.amount
    outside = [day for day in changes if not span[0] <= day <= span[1]]
    if outside:
        raise ValueError(f"{outside[0]} is not a day of the statement")
    amounts = [movement.amount for movement in movements]
    credits, debits = sum(a for a in amounts if a > 0), -sum(a for a in amounts if a < 0)
    opening = closing - credits + debits
    days = [span[0] + timedelta(n) for n in range((span[1] - span[0]).days + 1)]
    closings = accumulate((changes.get(day, Decimal()) for day in days), initial=opening)
    balances = dict(zip(days, list(closings)[1:], strict=True))
    texts = [movement.text for movement in movements]
    after = list(accumulate(amounts, initial=opening))[1:]
    lines = [Line(moved.day, moved.amount, after[at]) for at, moved in enumerate(movements)]
    return Reading((opening, Decimal(credits), Decimal(debits), closing), balances, texts, lines)


def of_sheets(sheets: Sheets) -> Reading:
    """Return what a workbook says; its dates must be dates and its amounts numbers."""
    entries, days = sheets["Lançamentos"], sheets["Dias"]
    listed = [row for row in entries[5:] if row[0] is not None]
    for row in listed:
        _day(row[0]), _day(row[1])  # LibreOffice stores midnight as a day
    sums = tuple(_number(cell) for cell in entries[2][:4])
    closings = {_day(row[0]): _number(row[4]) for row in days[5:] if row[0] is not None}
    lines = [_table_line(row[0], row[5], row[6], row[7]) for row in listed]
    roots = {_day(row[0]): str(row[7]) for row in days[5:] if row[0] is not None and row[7]}
    return Reading(sums, closings, [str(row[2] or "") for row in listed], lines, roots)


def of_table(rows: Sequence[Sequence[Cell]]) -> Reading:
    """Return what a CSV file in Portuguese says, after a program has read its cells."""
    by_kind: dict[Cell, list[Sequence[Cell]]] = {}
    for row in rows:
        by_kind.setdefault(row[0], []).append(row)
    opening, closing = by_kind["Saldo inicial"][0], by_kind["Saldo final"][0]
    days = {_day(row[1]): _number(row[8]) for row in by_kind["Saldo do dia"]}
    roots = {_day(row[1]): str(row[12]) for row in by_kind["Saldo do dia"] if row[12]}
    texts = [str(row[4] or "").removeprefix("'") for row in by_kind["Lançamento"]]
    lines = [_table_line(row[1], row[6], row[7], row[8]) for row in by_kind["Lançamento"]]
    sums = (_number(opening[8]), *(_number(cell) for cell in closing[6:9]))
    return Reading(sums, days, texts, lines, roots)


def _table_line(day: Cell, credit: Cell, debit: Cell, balance: Cell) -> Line:
    if (credit in (None, "")) == (debit in (None, "")):
        raise ValueError(f"the entry of {day} is not either a credit or a debit")
    amount = -_number(debit) if credit in (None, "") else _number(credit)
    return Line(_day(day), amount, _number(balance))


def read_csv(path: Path, _span: Span) -> Reading:
    """Read a CSV file by Python, with its commas and days as people write them."""
    text = path.read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    return of_table([[_typed(cell) for cell in row] for row in rows])


def _typed(cell: str) -> Cell:
    if re.fullmatch(r"-?\d+(,\d+)?", cell):
        return Decimal(cell.replace(",", "."))
    return _brazilian_day(cell[:10]) if cell[2:3] + cell[5:6] == "//" else cell


def read_openpyxl(path: Path, _span: Span) -> Reading:
    """Read a workbook by openpyxl."""
    from openpyxl import load_workbook

    book = load_workbook(path)
    cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
    if formulas := [cell.coordinate for cell in cells if cell.data_type == "f"]:
        raise ValueError(f"{formulas[0]} is a formula")
    return of_sheets({sheet.title: list(sheet.values) for sheet in book})


def read_hledger(path: Path, span: Span) -> Reading:
    """Read a journal by hledger, which checks its assertions."""
    rows = csv.DictReader(io.StringIO(output("hledger", "-f", path, "reg", "assets", "-O", "csv")))
    return _of_register(
        ((r["date"], r["code"], r["amount"].split()[0], r["description"]) for r in rows), span
    )


def read_ledger(path: Path, span: Span) -> Reading:
    """Read a journal by ledger, which checks its assertions."""
    form = "%(format_date(date, '%Y-%m-%d'))\t%(code)\t%(quantity(amount))\t%(payee)\n"
    lines = output("ledger", "-f", path, "register", "assets", "--format", form).splitlines()
    return _of_register((line.split("\t") for line in lines), span)


def _of_register(rows: Iterable[Sequence[str]], span: Span) -> Reading:
    opening, movements = Decimal(), []
    for day, code, amount, text in rows:
        if code:
            movements.append(Movement(date.fromisoformat(day), Decimal(amount), text))
        else:  # the balance before the first day
            opening += Decimal(amount)
    closing = opening + sum(movement.amount for movement in movements)
    return of_movements(closing, movements, span)._replace(texts=None)


def read_ofxdump(path: Path, span: Span) -> Reading:
    """Read OFX by libofx."""
    text = output("ofxdump", path)
    _, *parts = text.split("ofx_proc_transaction():")
    (closing,) = re.findall(r"Ledger balance: (\S+)", text)
    return of_movements(Decimal(closing), [_dumped(part) for part in parts], span)


def _dumped(part: str) -> Movement:
    fields = dict(re.findall(r"^ +([^:\n]+): (.*)$", part, re.M))
    day = datetime.strptime(fields["Date posted"], "%a %b %d %H:%M:%S %Y %Z").date()
    memo = fields.get("Extra transaction information (memo)")
    text = memo or fields.get("Name of payee or transaction description", "")
    return Movement(day, Decimal(fields["Total money amount"]), text)


def read_ofxtools(path: Path, span: Span) -> Reading:
    """Read OFX by ofxtools."""
    from ofxtools.Parser import OFXTree

    tree = OFXTree()
    tree.parse(str(path))
    (statement,) = tree.convert().statements
    movements = [
        Movement(line.dtposted.date(), line.trnamt, line.memo or line.name or "")
        for line in statement.transactions
    ]
    return of_movements(statement.ledgerbal.balamt, movements, span)


def _number(cell: Cell) -> Decimal:
    if not isinstance(cell, int | float | Decimal):
        raise TypeError(f"{cell!r} is not a number")
    return Decimal(str(cell))


def _day(cell: Cell) -> date:
    if not isinstance(cell, date):
        raise TypeError(f"{cell!r} is not a date")
    return cell.date() if isinstance(cell, datetime) else cell


def _brazilian_day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()
