"""A statement as CSV: one table whose first column says what each row is.

`pt-BR` is what a Brazilian spreadsheet opens by a double click: semicolons, decimal commas,
`dd/mm/yyyy` and UTF-8 with a byte order mark. `en` follows RFC 4180, with ISO 8601 days and times.
Times are of the business time zone.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from chalicelib.ledger.money import format_amount
from chalicelib.ledger.statement import (
    Statement,
    StatementDay,
    StatementEntry,
    entries_by_day,
    occurred_locally,
)
from chalicelib.statements.labels import Labels, labels

_FORMULA_STARTS = ("=", "+", "-", "@")
"""A spreadsheet runs a cell that starts with one of these (OWASP, "CSV Injection")."""
_COLUMNS = 17
Row = Sequence[str]


class _Form(NamedTuple):
    delimiter: str
    mark: str
    amount: Callable[[str], str]
    day: Callable[[date], str]
    time: Callable[[datetime], str]


_FORMS = {
    "pt-BR": _Form(
        delimiter=";",
        mark="\ufeff",
        amount=lambda text: text.replace(".", ","),
        day=lambda day: f"{day:%d/%m/%Y}",
        time=lambda moment: f"{moment:%d/%m/%Y %H:%M:%S}",
    ),
    "en": _Form(
        delimiter=",",
        mark="",
        amount=lambda text: text,
        day=lambda day: day.isoformat(),
        time=lambda moment: moment.isoformat(timespec="seconds"),
    ),
}


def csv_file(statement: Statement, locale: str) -> bytes:
    """Return the statement as CSV in UTF-8; `locale` is `pt-BR` or `en`.

    The rows are the opening balance, each day's entries followed by its balance, and the closing
    balance.
    """
    form = _FORMS[locale]
    text = io.StringIO(form.mark)
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, delimiter=form.delimiter, lineterminator="\r\n")
    writer.writerows(_rows(statement, labels(locale), form))
    return text.getvalue().encode()


def harmless(text: str | None) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    text = text or ""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _rows(statement: Statement, words: Labels, form: _Form) -> Iterator[Row]:
    def amounts(*amounts_minor: int) -> list[str]:
        return [form.amount(format_amount(minor, statement.currency)) for minor in amounts_minor]

    yield words.csv_columns
    yield _sum_row(
        [words.opening, form.day(statement.first)],
        ["", "", *amounts(statement.opening_minor)],
        [statement.currency],
    )
    entries = dict(entries_by_day(statement))
    for day in statement.days:
        for line in entries.get(day.balance.day, ()):
            amount, balance = amounts(line.entry.amount_minor, line.balance_minor)
            times = (
                occurred_locally(line.entry, statement.zone),
                line.entry.recorded_at.astimezone(statement.zone),
            )
            occurred, recorded = map(form.time, times)
            start = (words.entry, form.day(line.entry.day), occurred)
            category = statement.category_name(line.entry.category)
            yield (
                *start,
                *_entry_row(line, category, amount, balance),
                recorded,
                line.entry.entry_id,
            )
        sums, closing_minor = day.balance.totals, day.balance.closing_minor
        yield _sum_row(
            [words.day_balance, form.day(day.balance.day)],
            amounts(sums.credits_minor, sums.debits_minor, closing_minor),
            [statement.currency, *_status(day, words)],
        )
    total = statement.totals
    yield _sum_row(
        [words.closing, form.day(statement.last)],
        amounts(total.credits_minor, total.debits_minor, statement.closing_minor),
        [statement.currency],
    )


def _entry_row(line: StatementEntry, category: str | None, amount: str, balance: str) -> Row:
    entry = line.entry
    return (
        harmless(entry.account),
        harmless(entry.description),
        harmless(category),
        *((amount, "") if entry.type == "credit" else ("", amount)),
        balance,
        entry.currency,
        *("", "", ""),
        entry.reverses or "",
        line.reversed_by or "",
    )


def _sum_row(start: Sequence[str], amounts: Sequence[str], rest: Sequence[str]) -> Row:
    row = [*start, *[""] * 4, *amounts, *rest]
    return [*row, *[""] * (_COLUMNS - len(row))]


def _status(day: StatementDay, words: Labels) -> list[str]:
    status = day.balance.day_status
    root = day.seal.root if day.seal else ""
    return [words.statuses[status.status], str(status.version or ""), root]
