"""The entries of a statement written by openpyxl and by ReportLab, to compare with."""

import io
from typing import Any

from chalicelib.ledger.statement import Statement
from chalicelib.statements.labels import day_text, labels, money_text

_TITLES = ("day", "description", "category", "credits", "debits", "balance")
_ROWS_OF_A_TABLE = 250
"""ReportLab takes longer and longer to divide a longer table into pages."""


def openpyxl_file(statement: Statement, locale: str) -> bytes:
    """Return the entries as a workbook without chart, in openpyxl's fastest mode."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(labels(locale).entries)

    def cell(value: Any, number_format: str = "General") -> Any:
        made = openpyxl.cell.WriteOnlyCell(sheet, value=value)
        made.number_format = number_format
        return made

    def money(minor: int) -> Any:
        return cell(minor / 100, "#,##0.00")

    sheet.append([getattr(labels(locale), title) for title in _TITLES])
    for entry, _, balance_minor, _ in statement.entries:
        amounts = [money(entry.amount_minor), None]
        amounts = amounts if entry.type == "credit" else amounts[::-1]
        day = cell(entry.day, "dd/mm/yyyy")
        texts = [entry.description, entry.category]
        sheet.append([day, *texts, *amounts, money(balance_minor), entry.entry_id])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def reportlab_file(statement: Statement, locale: str) -> bytes:
    """Return the entries as PDF tables without chart, whose long texts are cut, not wrapped."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import LongTable, SimpleDocTemplate

    def row(line: Any) -> list[str]:
        entry = line.entry
        amount = money_text(entry.amount_minor, entry.currency, locale)
        credit, debit = (amount, "") if entry.type == "credit" else ("", amount)
        balance = money_text(line.balance_minor, entry.currency, locale)
        description = (entry.description or "")[:40]
        return [day_text(entry.day, locale), description, entry.category or "", credit, debit,
                balance]  # fmt: skip

    head = [getattr(labels(locale), title) for title in _TITLES]
    rows = [row(line) for line in statement.entries]
    style = [("FONT", (0, 0), (-1, -1), "Helvetica", 8), ("ALIGN", (3, 0), (-1, -1), "RIGHT")]
    tables = [
        LongTable(
            [head, *rows[start : start + _ROWS_OF_A_TABLE]],
            colWidths=[52, 145, 80, 76, 76, 82],
            repeatRows=1,
            style=style,
        )
        for start in range(0, len(rows), _ROWS_OF_A_TABLE)
    ]
    target = io.BytesIO()
    SimpleDocTemplate(target, pagesize=A4).build(tables)
    return target.getvalue()
