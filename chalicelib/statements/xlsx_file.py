"""A statement as an Excel workbook (Office Open XML): entries, days, a chart, categories.

Days are dates and amounts are numbers, so that a spreadsheet can sort and add them up; a text stays
a text, whatever it begins with. Times are of the business time zone.
"""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from xlsxwriter import Workbook

from chalicelib.ledger.balances import totals_by
from chalicelib.ledger.currencies import MINOR_DIGITS
from chalicelib.ledger.merchants import merchant_text
from chalicelib.ledger.statement import Statement, occurred_locally
from chalicelib.statements.labels import Labels, day_text, labels
from chalicelib.statements.xlsx_chart import add_chart

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_DAY_FORMATS = {"pt-BR": "dd/mm/yyyy", "en": "yyyy-mm-dd"}
_TABLE_ROW = 4
_A4 = 9
_HEADINGS = {
    "text": "heading of texts",
    "number": "heading of numbers",
    "amount": "heading of numbers",
    "day": "heading of days",
    "instant": "heading of days",
}
_WITHOUT_ENTRIES = datetime(2000, 1, 1, tzinfo=UTC)
Cells = Sequence[Sequence[Any]]


class _Column(NamedTuple):
    title: str
    width: int
    kind: str = "text"


class _Output(NamedTuple):
    """A workbook that is being written, and what is written into it."""

    statement: Statement
    words: Labels
    workbook: Any
    formats: dict[str, Any]
    money: Callable[[int], float]
    locale: str


def xlsx_file(statement: Statement, locale: str) -> bytes:
    """Return the statement as a workbook; `locale` is `pt-BR` or `en`."""
    target = io.BytesIO()
    words = labels(locale)
    with Workbook(target, _OPTIONS) as workbook:
        made = statement.newest or _WITHOUT_ENTRIES
        title = f"{words.statement} {day_text(statement.first, locale)}"
        workbook.set_properties({"title": title, "created": made.replace(tzinfo=None)})
        unit = 10 ** MINOR_DIGITS[statement.currency]
        formats = _formats(workbook, statement.currency, locale)
        output = _Output(statement, words, workbook, formats, lambda minor: minor / unit, locale)
        _write_entries(output)
        _write_days(output)
        _write_categories(output)
    return target.getvalue()


def _formats(workbook: Any, currency: str, locale: str) -> dict[str, Any]:
    digits = MINOR_DIGITS[currency]
    amount = "#,##0" + ("." + "0" * digits if digits else "")
    top = {"valign": "top"}  # beside a text of several lines
    heading = {"bold": True, "bottom": 1, "text_wrap": True}
    return {
        "title": workbook.add_format({"bold": True, "font_size": 14}),
        "heading of days": workbook.add_format(heading),
        "heading of texts": workbook.add_format({**heading, "indent": 1}),
        "heading of numbers": workbook.add_format({**heading, "align": "right"}),
        "text": workbook.add_format({"text_wrap": True, "align": "left", "indent": 1, **top}),
        "number": workbook.add_format({"num_format": "0", **top}),
        "amount": workbook.add_format({"num_format": f"{amount};[Red]-{amount}", **top}),
        "total": workbook.add_format({"num_format": amount, "bold": True}),
        "day": workbook.add_format({"num_format": _DAY_FORMATS[locale], "align": "left", **top}),
        "instant": workbook.add_format(
            {"num_format": f"{_DAY_FORMATS[locale]} hh:mm:ss", "align": "left", **top}
        ),
    }


def _write_entries(output: _Output) -> None:
    words, money = output.words, output.money
    columns = [
        _Column(words.day, 12, "day"),
        _Column(words.time, 20, "instant"),
        _Column(words.description, 44),
        _Column(words.category, 16),
        _Column(words.account, 14),
        _Column(words.credits, 14, "amount"),
        _Column(words.debits, 14, "amount"),
        _Column(words.balance, 16, "amount"),
        _Column("Id", 36),
    ]
    rows = []
    for entry, _, balance_minor, _ in output.statement.entries:
        amounts = (money(entry.amount_minor), None)
        rows.append(
            (
                entry.day,
                occurred_locally(entry, output.statement.zone).replace(tzinfo=None),
                entry.description,
                output.statement.category_name(entry.category),
                entry.account,
                *(amounts if entry.type == "credit" else reversed(amounts)),
                money(balance_minor),
                entry.entry_id,
            )
        )
    _write_sheet(output, words.entries, columns, rows)


def _write_days(output: _Output) -> None:
    words, money = output.words, output.money
    columns = [
        _Column(words.day, 12, "day"),
        _Column(words.opening, 16, "amount"),
        _Column(words.credits, 14, "amount"),
        _Column(words.debits, 14, "amount"),
        _Column(words.closing, 16, "amount"),
        _Column(words.status, 12),
        _Column(words.version, 8, "number"),
        _Column(words.root, 68),
    ]
    rows = [
        (
            balance.day,
            money(balance.opening_minor),
            money(balance.totals.credits_minor),
            money(balance.totals.debits_minor),
            money(balance.closing_minor),
            words.statuses[balance.day_status.status],
            balance.day_status.version,
            seal.root if seal else None,
        )
        for balance, seal in output.statement.days
    ]
    _write_sheet(output, words.days, columns, rows)
    span = (_TABLE_ROW + 1, _TABLE_ROW + len(rows))
    _complete(
        output, add_chart(output.workbook, words, _title(output), _DAY_FORMATS[output.locale], span)
    )


def _write_categories(output: _Output) -> None:
    words, money = output.words, output.money
    entries = (line.entry for line in output.statement.entries)
    sums = totals_by(entries, lambda entry: entry.category or "")
    columns = [
        _Column(words.category, 24),
        _Column(words.credits, 16, "amount"),
        _Column(words.debits, 16, "amount"),
        _Column(words.balance, 16, "amount"),
        _Column(words.entries, 14, "number"),
        _Column(words.accounting_code, 18),
    ]
    registered = output.statement.categories
    rows = [
        (
            output.statement.category_name(category) or words.no_category,
            money(total.credits_minor),
            money(total.debits_minor),
            money(total.net_minor),
            total.entries,
            registered[category].accounting_code if category in registered else None,
        )
        for category, total in sorted(sums.items())
    ]
    _write_sheet(output, words.categories, columns, rows)


def _write_sheet(output: _Output, name: str, columns: Sequence[_Column], rows: Cells) -> Any:
    statement, words, formats = output.statement, output.words, output.formats
    sheet = output.workbook.add_worksheet(name)
    whose = [merchant_text(statement.merchant)] if statement.merchant else []
    sheet.write_string(0, 0, " · ".join([*whose, _title(output)]), formats["title"])
    totals = statement.totals
    summary = [
        (words.opening, statement.opening_minor),
        (words.credits, totals.credits_minor),
        (words.debits, totals.debits_minor),
        (words.closing, statement.closing_minor),
    ]
    for position, (label, minor) in enumerate(summary):
        sheet.write_string(1, position, label, formats["heading of numbers"])
        sheet.write_number(2, position, output.money(minor), formats["total"])
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(_TABLE_ROW, number, column.title, formats[_HEADINGS[column.kind]])
    writers = [_writer(sheet, formats, column.kind) for column in columns]
    for row, cells in enumerate(rows, start=_TABLE_ROW + 1):
        for number, cell in enumerate(cells):
            if cell is not None:
                writers[number](row, number, cell)
    sheet.freeze_panes(_TABLE_ROW + 1, 0)
    if rows:
        sheet.autofilter(_TABLE_ROW, 0, _TABLE_ROW + len(rows), len(columns) - 1)
    _complete(output, sheet)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_TABLE_ROW)
    return sheet


def _writer(sheet: Any, formats: dict[str, Any], kind: str) -> Callable[[int, int, Any], object]:
    form = formats[kind]
    write = {
        "text": sheet.write_string,
        "number": sheet.write_number,
        "amount": sheet.write_number,
        "day": sheet.write_datetime,
        "instant": sheet.write_datetime,
    }[kind]
    return lambda row, column, cell: write(row, column, cell, form)


def _complete(output: _Output, sheet: Any) -> None:
    """Set how a sheet is printed: A4, across, with its title and page number."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_footer(f"&L{_title(output)}&R{output.words.page} &P/&N")


def _title(output: _Output) -> str:
    statement, words = output.statement, output.words
    account = statement.account or words.all_accounts
    first, last = (day_text(day, output.locale) for day in (statement.first, statement.last))
    return f"{words.statement} · {account} · {first} {words.to} {last} · {statement.currency}"
