"""A statement as CSV: one table whose first column says what each row is.

`pt-BR` is what a Brazilian spreadsheet opens by a double click: semicolons, decimal commas,
`dd/mm/yyyy` and UTF-8 with a byte order mark. `en` follows RFC 4180, with ISO 8601 days.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.money import format_amount
from chalicelib.ledger.statement import (
    Statement,
    StatementDay,
    StatementEntry,
    entries_by_day,
)
from chalicelib.statements.labels import Labels, labels

_FORMULA_STARTS = ("=", "+", "-", "@")
"""A spreadsheet runs a cell that starts with one of these (OWASP, "CSV Injection")."""
Row = Sequence[str]


class _Form(NamedTuple):
    delimiter: str
    mark: str
    amount: Callable[[str], str]
    day: Callable[[date], str]


_FORMS = {
    "pt-BR": _Form(
        ";", "\ufeff", lambda text: text.replace(".", ","), lambda day: f"{day:%d/%m/%Y}"
    ),
    "en": _Form(",", "", lambda text: text, lambda day: day.isoformat()),
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
    def money(amount_minor: int) -> str:
        return form.amount(format_amount(amount_minor, statement.currency))

    def entry_row(line: StatementEntry) -> Row:
        entry = line.entry
        amounts = [money(entry.amount_minor), ""]
        return (
            words.entry,
            form.day(entry.day),
            entry.occurred_at,
            entry.account,
            harmless(entry.description),
            entry.category or "",
            *(amounts if entry.type == "credit" else reversed(amounts)),
            money(line.balance_minor),
            statement.currency,
            "",
            "",
            "",
            entry.reverses or "",
            line.reversed_by or "",
            format_instant(entry.recorded_at),
            entry.entry_id,
        )

    def day_row(day: StatementDay) -> Row:
        balance, seal = day
        status = words.statuses[balance.day_status.status]
        version = str(balance.day_status.version or "")
        sums = balance.totals
        return _total(
            words.day_balance,
            form.day(balance.day),
            [money(sums.credits_minor), money(sums.debits_minor), money(balance.closing_minor)],
            [statement.currency, status, version, seal.root if seal else ""],
        )

    yield words.csv_columns
    opening = ["", "", money(statement.opening_minor)]
    yield _total(words.opening, form.day(statement.first), opening, [statement.currency])
    entries = dict(entries_by_day(statement))
    for day in statement.days:
        yield from map(entry_row, entries.get(day.balance.day, ()))
        yield day_row(day)
    sums = statement.totals
    closing = [money(sums.credits_minor), money(sums.debits_minor), money(statement.closing_minor)]
    yield _total(words.closing, form.day(statement.last), closing, [statement.currency])


def _total(kind: str, day: str, amounts: Sequence[str], rest: Sequence[str]) -> Row:
    row = [kind, day, "", "", "", "", *amounts, *rest]
    return [*row, *[""] * (17 - len(row))]
