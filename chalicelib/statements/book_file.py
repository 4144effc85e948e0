"""The cash book (livro caixa) as PDF: terms, every entry of all accounts, the seals of its days.

Companies under lucro presumido or the Simples Nacional keep it in place of full accounts (Lei
8.981/1995, art. 45, sole paragraph; LC 123/2006, art. 26, § 2; Resolução CGSN 140/2018, art. 63):
all movement of cash and banks, in order of days, on numbered sheets between an opening term and a
closing term, with the joint balance at the end of each month.
"""

from itertools import groupby

from chalicelib.ledger.currencies import DEFAULT_CURRENCY
from chalicelib.ledger.merchants import document_text
from chalicelib.ledger.statement import Statement, StatementDay, StatementEntry, occurred_locally
from chalicelib.statements.book_terms import (
    LOCALE,
    SIGNERS,
    WITHOUT_SEALS,
    Book,
    about_seals,
    closing_term,
    opening_term,
    unsealed_days,
)
from chalicelib.statements.labels import day_text, labels, money_text
from chalicelib.statements.pdf_document import GREY, MARGIN, PAGE_HEIGHT, RIGHT, Document
from chalicelib.statements.pdf_structure import ARTIFACT
from chalicelib.statements.pdf_table import Column, Table
from chalicelib.statements.pdf_text import BOLD, FIXED, REGULAR, cut, wrap

_TEXT_SIZE = 10.0
_TEXT_LINE = 15.0
_MONTHS = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
]
_COLUMNS = (
    Column("Dia", 52),
    Column("Histórico", 145),
    Column("Conta", 80),
    Column("Entradas", 76, right=True),
    Column("Saídas", 76, right=True),
    Column("Saldo", 82, right=True),
)

_SEAL_COLUMNS = (
    Column("Ordem", 60),
    Column("Dia", 80),
    Column("Versão", 60),
    Column("Situação", 90),
)


def book_file(book: Book) -> bytes:
    """Return a cash book as PDF, in Portuguese."""
    statement = book.statement
    if statement.account is not None or statement.currency != DEFAULT_CURRENCY:
        raise ValueError("A cash book contains all accounts, in BRL.")
    document = Document(book.title, LOCALE, statement.newest, len(statement.entries))
    document.add_page()  # the opening term, which needs the number of sheets
    opening = document.begin("Sect")
    document.end()
    _write_entries(document, book)
    _write_seals(document, book)
    document.add_page()
    document.bookmark("Termo de encerramento")
    sheets = document.page_count
    partial = "" if book.is_over else " parcial"
    _write_term(document, f"Termo de encerramento{partial}", closing_term(book, sheets))

    def complete(page: Document, number: int) -> None:
        if number == 1:
            page.y = MARGIN
            page.bookmark("Termo de abertura")
            page.resume(opening)
            _write_term(page, f"Termo de abertura{partial}", opening_term(book, sheets))
            page.end()
        page.begin(ARTIFACT)
        head = cut(book.title, REGULAR, 8, RIGHT - MARGIN - 70)
        page.text(MARGIN, MARGIN - 14, head, 8, colour=GREY)
        page.text(RIGHT, MARGIN - 14, f"Folha {number:04}", 9, BOLD, align="right")
        foot = f"{document_text(book.merchant.document)} · {book.period}"
        page.text(MARGIN, PAGE_HEIGHT - 30, foot, 7, colour=GREY)
        page.end()

    document.on_every_page(complete)
    return document.content()


def _write_entries(document: Document, book: Book) -> None:
    """Write each month on new sheets, from its opening to its joint closing balance."""
    statement = book.statement
    entries = {month: list(lines) for month, lines in groupby(statement.entries, _month)}
    for (year, number), group in groupby(
        statement.days, lambda day: (day.balance.day.year, day.balance.day.month)
    ):
        days = list(group)
        title = f"{_MONTHS[number - 1].capitalize()} de {year}"
        document.add_page()
        document.bookmark(title)
        document.heading("H1", title, 14, 14)
        document.y += 30
        is_partial = not book.is_over and days[-1] == statement.days[-1]
        lines = entries.get((year, number), [])
        _write_month(document, statement, days, lines, is_partial)


def _write_month(
    document: Document,
    statement: Statement,
    days: list[StatementDay],
    lines: list[StatementEntry],
    is_partial: bool,
) -> None:
    def money(amount_minor: int) -> str:
        return money_text(amount_minor, statement.currency, LOCALE)

    first, last = days[0].balance, days[-1].balance
    table = Table(document, _COLUMNS)
    opening = [day_text(first.day, LOCALE), "Saldo inicial", "", "", "", money(first.opening_minor)]
    table.row(opening, BOLD, band=True)
    for line in lines:
        entry = line.entry
        amount = money(entry.amount_minor)
        table.row(
            [
                day_text(entry.day, LOCALE),
                _description(line),
                entry.account,
                amount if entry.type == "credit" else "",
                amount if entry.type == "debit" else "",
                money(line.balance_minor),
            ],
            detail=[_identification(line, statement)],
        )
    if not lines:
        table.row([day_text(last.day, LOCALE), "Sem movimento", "", "", "", ""])
    credits_minor = sum(day.balance.totals.credits_minor for day in days)
    debits_minor = sum(day.balance.totals.debits_minor for day in days)
    closing = f"Saldo conjunto de caixa e bancos{' (parcial)' if is_partial else ''}"
    sums = [money(credits_minor), money(debits_minor), money(last.closing_minor)]
    table.row([day_text(last.day, LOCALE), closing, "", *sums], BOLD, band=True)


def _description(line: StatementEntry) -> str:
    entry = line.entry
    text = entry.description or "(sem histórico)"
    if entry.reverses:
        return f"Estorno: {text}"
    return text


def _identification(line: StatementEntry, statement: Statement) -> str:
    """Return what leads from a printed entry to its leaf: its time and its id."""
    entry = line.entry
    reversed_id = f", estorna {entry.reverses}" if entry.reverses else ""
    return f"{occurred_locally(entry, statement.zone):%H:%M:%S} {entry.entry_id}{reversed_id}"


def _write_seals(document: Document, book: Book) -> None:
    """Write what shows, together with verify.py, that no closed day was changed afterwards."""
    document.add_page()
    document.bookmark("Selos dos dias fechados")
    document.heading("H1", "Selos dos dias fechados", 14, 14)
    document.y += 26
    sealed = [day for day in book.statement.days if day.seal]
    for paragraph in [*(about_seals(book) if sealed else [WITHOUT_SEALS]), *unsealed_days(book)]:
        is_code = paragraph.startswith(("python ", "selo.json"))
        size, font = (7.5, FIXED) if is_code else (9, REGULAR)
        _write_paragraph(document, paragraph, size, font)
    if not sealed:
        return
    table = Table(document, _SEAL_COLUMNS)
    for balance, seal in sealed:
        if seal is not None:
            cells = [
                str(seal.sequence),
                day_text(balance.day, LOCALE),
                str(seal.version),
                labels(LOCALE).statuses[balance.day_status.status],
            ]
            proof = [f"raiz {seal.root}", f"assinatura {seal.signature}", f"chave {seal.key_id}"]
            table.row(cells, detail=proof)


def _write_term(document: Document, title: str, paragraphs: list[str]) -> None:
    centre = (MARGIN + RIGHT) / 2
    document.begin("H1")
    document.text(centre, document.y + 50, title, 18, BOLD, align="center")
    document.end()
    document.text(centre, document.y + 74, "Nº de ordem: __________", _TEXT_SIZE, align="center")
    document.y += 100
    for paragraph in paragraphs:
        _write_paragraph(document, paragraph)
    document.y += 20
    document.text(MARGIN, document.y, "Local e data: ", _TEXT_SIZE)
    document.rule(document.y + 2, MARGIN + 72, RIGHT - 120)
    document.y += 36
    top = document.y
    for left, (signer, fields) in zip((MARGIN, centre + 10), SIGNERS, strict=True):
        document.text(left, top, signer, _TEXT_SIZE, BOLD)
        for number, field in enumerate(fields, start=1):
            baseline = top + number * 26
            document.text(left, baseline, field, 8, colour=GREY)
            document.rule(baseline + 2, left + 48, left + 240)


def _write_paragraph(
    document: Document, text: str, size: float = _TEXT_SIZE, font: str = REGULAR
) -> None:
    height = _TEXT_LINE * size / _TEXT_SIZE
    document.begin("P")
    for line in wrap(text, font, size, RIGHT - MARGIN):
        if document.is_full(height):
            document.add_page()
        document.text(MARGIN, document.y + size, line, size, font)
        document.y += height
    document.end()
    document.y += height / 2


def _month(line: StatementEntry) -> tuple[int, int]:
    return line.entry.day.year, line.entry.day.month
