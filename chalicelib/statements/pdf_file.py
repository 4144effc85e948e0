"""A statement as PDF: summary, chart, entries with the running balance, days with their seals."""

from chalicelib.ledger.merchants import merchant_text
from chalicelib.ledger.statement import (
    Statement,
    StatementDay,
    StatementEntry,
    entries_by_day,
    occurred_locally,
)
from chalicelib.statements.labels import Labels, day_text, labels, money_text
from chalicelib.statements.pdf_chart import draw_chart
from chalicelib.statements.pdf_document import GREY, MARGIN, PAGE_HEIGHT, RIGHT, Document
from chalicelib.statements.pdf_table import Column, Table
from chalicelib.statements.pdf_text import BOLD, REGULAR, size_that_fits


def pdf_file(statement: Statement, locale: str) -> bytes:
    """Return the statement as PDF; `locale` is `pt-BR` or `en`."""
    words = labels(locale)
    document = Document(title(statement, locale), locale, statement.newest)
    document.add_page()
    _write_head(document, statement, locale)
    draw_chart(document, statement, words, locale)
    _write_entries(document, statement, words, locale)
    _write_days(document, statement, words, locale)
    pages = document.page_count
    foot = title(statement, locale)

    def draw_foot(page: Document, number: int) -> None:
        y = PAGE_HEIGHT - 30
        page.text(MARGIN, y, foot, 7, colour=GREY)
        page.text(RIGHT, y, f"{words.page} {number}/{pages}", 7, colour=GREY, align="right")

    document.on_every_page(draw_foot)
    return document.content()


def title(statement: Statement, locale: str) -> str:
    """Return what the statement is of, in one line."""
    return f"{labels(locale).statement} · {_subject(statement, locale)}"


def _subject(statement: Statement, locale: str) -> str:
    words = labels(locale)
    first, last = day_text(statement.first, locale), day_text(statement.last, locale)
    account = statement.account or words.all_accounts
    return f"{account} · {first} {words.to} {last} · {statement.currency}"


def _write_head(document: Document, statement: Statement, locale: str) -> None:
    words, currency, totals = labels(locale), statement.currency, statement.totals
    document.bookmark(words.statement)
    document.text(MARGIN, document.y + 14, words.statement, 16, BOLD)
    document.text(MARGIN, document.y + 30, _subject(statement, locale), 9, colour=GREY)
    document.y += 44
    if statement.merchant is not None:
        whose = merchant_text(statement.merchant)
        size = size_that_fits(whose, REGULAR, 9, RIGHT - MARGIN)
        document.text(MARGIN, document.y, whose, size)
        document.y += 14
    summary = [
        (words.opening, statement.opening_minor),
        (words.credits, totals.credits_minor),
        (words.debits, totals.debits_minor),
        (words.closing, statement.closing_minor),
    ]
    room = (RIGHT - MARGIN) / len(summary)
    for number, (label, minor) in enumerate(summary):
        x = MARGIN + number * room
        document.text(x, document.y + 8, label, 8, colour=GREY)
        amount = money_text(minor, currency, locale)
        size = size_that_fits(amount, BOLD, 12, room - 8)
        document.text(x, document.y + 23, amount, size, BOLD)
    document.y += 40


def _write_entries(document: Document, statement: Statement, words: Labels, locale: str) -> None:
    document.bookmark(words.entries)
    if not statement.entries:
        document.text(MARGIN, document.y + 12, words.no_entries, 9, colour=GREY)
        document.y += 26
        return
    account = "" if statement.account else f" · {words.account.lower()}"
    table = Table(
        document,
        [
            Column(words.day, 71),
            Column(words.description, 126),
            Column(f"{words.category}{account}", 80),
            Column(words.credits, 76, right=True),
            Column(words.debits, 76, right=True),
            Column(words.balance, 82, right=True),
        ],
    )
    for _, lines in entries_by_day(statement):
        for line in lines:
            table.row(_entry_cells(statement, line, words, locale))
        document.rule(document.y)
    document.y += 18


def _entry_cells(
    statement: Statement, line: StatementEntry, words: Labels, locale: str
) -> list[str]:
    entry = line.entry
    amount = money_text(entry.amount_minor, entry.currency, locale)
    account = "" if statement.account else entry.account
    category = statement.category_name(entry.category)
    return [
        f"{day_text(entry.day, locale)} {occurred_locally(entry, statement.zone):%H:%M}",
        entry.description or words.without_text,
        "\u00a0· ".join(part for part in (category, account) if part),
        amount if entry.type == "credit" else "",
        amount if entry.type == "debit" else "",
        money_text(line.balance_minor, entry.currency, locale),
    ]


def _write_days(document: Document, statement: Statement, words: Labels, locale: str) -> None:
    if document.is_full(80):
        document.add_page()
    document.bookmark(words.days)
    document.text(MARGIN, document.y + 10, words.days, 11, BOLD)
    document.y += 20
    table = Table(
        document,
        [
            Column(words.day, 71),
            Column(words.opening, 95, right=True),
            Column(words.credits, 85, right=True),
            Column(words.debits, 85, right=True),
            Column(words.closing, 95, right=True),
            Column(words.status, 80, right=True),
        ],
    )
    for day in statement.days:
        table.row(_day_cells(day, statement.currency, words, locale), detail=_seal(day, words))


def _day_cells(day: StatementDay, currency: str, words: Labels, locale: str) -> list[str]:
    balance, sums = day.balance, day.balance.totals
    amounts = (
        balance.opening_minor,
        sums.credits_minor,
        sums.debits_minor,
        balance.closing_minor,
    )
    return [
        day_text(balance.day, locale),
        *(money_text(minor, currency, locale) for minor in amounts),
        words.statuses[balance.day_status.status],
    ]


def _seal(day: StatementDay, words: Labels) -> list[str]:
    if day.seal is None:
        return []
    return [f"{words.version} {day.seal.version}, {words.root.lower()} {day.seal.root}"]
