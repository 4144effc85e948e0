"""The cash book (livro caixa) as PDF: terms, every entry of all accounts, the seals of its days.

Companies under lucro presumido or the Simples Nacional keep it in place of full accounts (Lei
8.981/1995, art. 45, sole paragraph; LC 123/2006, art. 26, § 2; Resolução CGSN 140/2018, art. 63):
all movement of cash and banks, in order of days, on numbered sheets between an opening term and a
closing term, with the joint balance at the end of each month.
"""

from itertools import groupby

from chalicelib.ledger.merchants import Merchant, document_text
from chalicelib.ledger.statement import Statement, StatementDay, StatementEntry
from chalicelib.statements.labels import day_text, labels, money_text
from chalicelib.statements.pdf_document import GREY, MARGIN, PAGE_HEIGHT, RIGHT, Document
from chalicelib.statements.pdf_table import Column, Table
from chalicelib.statements.pdf_text import BOLD, REGULAR, cut, wrap

LOCALE = "pt-BR"
_TEXT_SIZE = 11.0
_TEXT_LINE = 17.0
_LAW = (
    "Lei 8.981/1995, art. 45, parágrafo único; Lei Complementar 123/2006, art. 26, § 2º; Resolução "
    "CGSN 140/2018, art. 63"
)
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
_ABOUT_SEALS = (
    "Cada dia fechado tem número de ordem, raiz e assinatura digital. Com o programa verify.py e a "
    "chave pública, qualquer pessoa confere que os lançamentos do dia são os que foram selados."
)
_WITHOUT_SEALS = "Nenhum dia deste período está fechado."


def book_file(statement: Statement, merchant: Merchant) -> bytes:
    """Return the cash book of a statement of all accounts, in Portuguese."""
    if statement.account is not None:
        raise ValueError("A cash book contains all accounts.")
    document = Document(f"Livro Caixa · {merchant.name}", LOCALE, statement.newest)
    document.add_page()  # the opening term, which needs the number of sheets
    _write_entries(document, statement)
    _write_seals(document, statement)
    document.add_page()
    document.bookmark("Termo de encerramento")
    sheets = document.page_count
    _write_term(document, "Termo de encerramento", closing_term(statement, merchant, sheets))

    def complete(page: Document, number: int) -> None:
        if number == 1:
            page.y = MARGIN
            page.bookmark("Termo de abertura")
            _write_term(page, "Termo de abertura", opening_term(statement, merchant, sheets))
        head = cut(f"Livro Caixa · {merchant.name}", REGULAR, 8, RIGHT - MARGIN - 70)
        page.text(MARGIN, MARGIN - 14, head, 8, colour=GREY)
        page.text(RIGHT, MARGIN - 14, f"Folha {number:04}", 9, BOLD, align="right")
        foot = f"{document_text(merchant.document)} · {_period(statement)}"
        page.text(MARGIN, PAGE_HEIGHT - 30, foot, 7, colour=GREY)

    document.on_every_page(complete)
    return document.content()


def _write_entries(document: Document, statement: Statement) -> None:
    """Write each month on new sheets, from its opening to its joint closing balance."""
    entries = {month: list(lines) for month, lines in groupby(statement.entries, _month)}
    for (year, number), group in groupby(
        statement.days, lambda day: (day.balance.day.year, day.balance.day.month)
    ):
        days = list(group)
        title = f"{_MONTHS[number - 1].capitalize()} de {year}"
        document.add_page()
        document.bookmark(title)
        document.text(MARGIN, document.y + 14, title, 14, BOLD)
        document.y += 30
        _write_month(document, statement, days, entries.get((year, number), []))


def _write_month(
    document: Document,
    statement: Statement,
    days: list[StatementDay],
    lines: list[StatementEntry],
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
            ]
        )
    credits_minor = sum(day.balance.totals.credits_minor for day in days)
    debits_minor = sum(day.balance.totals.debits_minor for day in days)
    closing = "Saldo conjunto de caixa e bancos"
    sums = [money(credits_minor), money(debits_minor), money(last.closing_minor)]
    table.row([day_text(last.day, LOCALE), closing, "", *sums], BOLD, band=True)


def _description(line: StatementEntry) -> str:
    entry = line.entry
    text = entry.description or "(sem histórico)"
    if entry.reverses:
        return f"Estorno: {text}"
    return text


def _write_seals(document: Document, statement: Statement) -> None:
    """Write what shows, together with verify.py, that no closed day was changed afterwards."""
    document.add_page()
    document.bookmark("Selos dos dias fechados")
    document.text(MARGIN, document.y + 14, "Selos dos dias fechados", 14, BOLD)
    document.y += 26
    is_any_closed = any(day.seal for day in statement.days)
    _write_paragraph(document, _ABOUT_SEALS if is_any_closed else _WITHOUT_SEALS, size=9)
    if not is_any_closed:
        return
    table = Table(document, _SEAL_COLUMNS)
    for balance, seal in statement.days:
        if seal is not None:
            cells = [
                str(seal.sequence),
                day_text(balance.day, LOCALE),
                str(seal.version),
                labels(LOCALE).statuses[balance.day_status.status],
            ]
            proof = [f"raiz {seal.root}", f"assinatura {seal.signature}", f"chave {seal.key_id}"]
            table.row(cells, detail=proof)


def opening_term(statement: Statement, merchant: Merchant, sheets: int) -> list[str]:
    """Return the paragraphs of the opening term of a book of this number of sheets."""
    return [
        f"Contém este livro {sheets} folhas, numeradas de 0001 a {sheets:04}, e servirá de Livro "
        f"Caixa de {merchant.name}, {_document(merchant)}, em {merchant.town}, "
        f"{merchant.state}, para a escrituração de toda a movimentação financeira, inclusive "
        f"bancária, de {_period(statement)}, em {statement.currency} ({_LAW}).",
    ]


def closing_term(statement: Statement, merchant: Merchant, sheets: int) -> list[str]:
    """Return the paragraphs of the closing term of a book of this number of sheets."""

    def money(amount_minor: int) -> str:
        return f"{statement.currency} {money_text(amount_minor, statement.currency, LOCALE)}"

    totals = statement.totals
    return [
        f"Contém este livro {sheets} folhas, numeradas de 0001 a {sheets:04}, e serviu de Livro "
        f"Caixa de {merchant.name}, {_document(merchant)}, no período de "
        f"{_period(statement)}.",
        f"Saldo inicial {money(statement.opening_minor)}; entradas {money(totals.credits_minor)}; "
        f"saídas {money(totals.debits_minor)}; saldo final {money(statement.closing_minor)}; "
        f"{totals.entries} lançamentos.",
    ]


def _write_term(document: Document, title: str, paragraphs: list[str]) -> None:
    centre = (MARGIN + RIGHT) / 2
    document.text(centre, document.y + 60, title, 18, BOLD, align="center")
    document.y += 110
    for paragraph in paragraphs:
        _write_paragraph(document, paragraph)
    document.y += 40
    document.text(MARGIN, document.y, "Local e data: ", _TEXT_SIZE)
    document.rule(document.y + 2, MARGIN + 72, RIGHT - 120)
    document.y += 80
    for left, label in ((MARGIN, "Responsável pela empresa"), (centre + 15, "Contador, CRC")):
        document.rule(document.y, left, left + 235)
        document.text(left, document.y + 12, label, 8, colour=GREY)


def _write_paragraph(document: Document, text: str, size: float = _TEXT_SIZE) -> None:
    height = _TEXT_LINE * size / _TEXT_SIZE
    for line in wrap(text, REGULAR, size, RIGHT - MARGIN):
        document.text(MARGIN, document.y + size, line, size)
        document.y += height
    document.y += height / 2


def _document(merchant: Merchant) -> str:
    # A line never ends between "CNPJ" and its number.
    return document_text(merchant.document).replace(" ", "\u00a0")


def _period(statement: Statement) -> str:
    return f"{day_text(statement.first, LOCALE)} a {day_text(statement.last, LOCALE)}"


def _month(line: StatementEntry) -> tuple[int, int]:
    return line.entry.day.year, line.entry.day.month
