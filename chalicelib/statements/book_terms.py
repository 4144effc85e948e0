"""The texts of a cash book: its terms, and how its seals are checked, in Portuguese."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from chalicelib.ledger.merchants import Merchant, document_text
from chalicelib.ledger.statement import Statement
from chalicelib.statements.labels import day_text, money_text

LOCALE = "pt-BR"
SIGNERS = (
    ("Representante legal", ("Nome", "CPF", "Assinatura")),
    ("Responsável pela escrituração (contador)", ("Nome", "CRC", "Assinatura")),
)
WITHOUT_SEALS = "Nenhum dia deste período está fechado."
_LAW = (
    "Lei 8.981/1995, art. 45, parágrafo único; Lei Complementar 123/2006, art. 26, § 2º; Resolução "
    "CGSN 140/2018, art. 63"
)
_MOST_CURRENCIES = 20


class Book(NamedTuple):
    """A cash book: a statement of all accounts in BRL, and what only the book says.

    `other_currencies` are those in which the merchant has entries on the days of the statement;
    `is_over` is whether these days are over.
    """

    statement: Statement
    merchant: Merchant
    merchant_id: str
    other_currencies: Sequence[str] = ()
    is_over: bool = True

    @property
    def kind(self) -> str:
        """What the book is: partial until its days are over."""
        return "Livro Caixa" if self.is_over else "Livro Caixa parcial"

    @property
    def title(self) -> str:
        """What the book is, and whose."""
        return f"{self.kind} · {self.merchant.name}"

    @property
    def period(self) -> str:
        """The first and the last day."""
        first, last = self.statement.first, self.statement.last
        return f"{day_text(first, LOCALE)} a {day_text(last, LOCALE)}"

    def days_of(self, status: str) -> list[date]:
        """Return the days with entries that have this status."""
        balances = [day.balance for day in self.statement.days]
        return [b.day for b in balances if b.totals.entries and b.day_status.status == status]


def opening_term(book: Book, sheets: int) -> list[str]:
    """Return the paragraphs of the opening term of a book of this number of sheets."""
    return [
        f"{_sheets(sheets)}, e servirá de {book.kind} de {_owner(book)}, em "
        f"{book.merchant.town}, {book.merchant.state}, para a escrituração de toda a movimentação "
        f"financeira em moeda nacional, inclusive bancária, de {book.period}, em "
        f"{book.statement.currency} ({_LAW}).",
        *_limits(book),
    ]


def closing_term(book: Book, sheets: int) -> list[str]:
    """Return the paragraphs of the closing term of a book of this number of sheets."""

    def money(amount_minor: int) -> str:
        return f"R$\u00a0{money_text(amount_minor, statement.currency, LOCALE)}"

    statement = book.statement
    totals = statement.totals
    return [
        f"{_sheets(sheets)}, e serviu de {book.kind} de {_owner(book)}, no período de "
        f"{book.period}.",
        f"Saldo inicial {money(statement.opening_minor)}; entradas {money(totals.credits_minor)}; "
        f"saídas {money(totals.debits_minor)}; saldo final {money(statement.closing_minor)}; "
        f"{_counted(totals.entries)}.",
        *_limits(book),
        *_unsealed_summary(book),
    ]


def about_seals(book: Book) -> list[str]:
    """Return the paragraphs on what the printed seals prove, and how they are checked."""
    example = (
        f'{{"merchant": "{book.merchant_id}", "sequence": Ordem, "day": "aaaa-mm-dd", "version": '
        'Versão, "root": "raiz", "signature": "assinatura", "key_id": "chave"}'
    )
    first = min(day.seal.sequence for day in book.statement.days if day.seal)
    return [
        "Cada fechamento de um dia tem número de ordem, versão, raiz e assinatura digital. A raiz "
        "é calculada dos lançamentos do dia, de todas as contas e moedas: identificação, horário, "
        "conta, tipo, valor, e o histórico por um resumo criptográfico. Consta aqui o fechamento "
        "mais recente de cada dia; os números que faltam em Ordem são de versões anteriores ou de "
        "dias fora do período.",
        "Confere-se com o programa verify.py e a chave pública, obtida de fonte confiável: a "
        "assinatura impressa, com selo.json, escrito como abaixo; e os lançamentos do dia, com as "
        "respostas salvas de GET /v1/closings/public-keys (chaves.json), "
        "GET /v1/closings/aaaa-mm-dd (fechamentos.json) e "
        "GET /v1/closings/aaaa-mm-dd/versão/leaves (folhas.json). Em folhas.json, cada lançamento "
        'tem em "entry" a identificação impressa sob o histórico.',
        f"selo.json: {example}",
        "python verify.py --keys chaves.json --head selo.json",
        "python verify.py --keys chaves.json --head selo.json --closings fechamentos.json "
        f"--leaves folhas.json --merchant {book.merchant_id} --since Ordem "
        f"--time-zone {book.statement.zone.key}",
        f"Com os arquivos de todos os dias fechados desde a ordem {first}, --since {first} "
        "confere também que não falta fechamento entre eles.",
    ]


def unsealed_days(book: Book) -> list[str]:
    """Return the paragraphs that list days whose entries are not, or not all, under a seal."""
    paragraphs = []
    if still_open := book.days_of("open"):
        paragraphs.append(f"Dias com lançamentos, ainda não fechados: {_listed(still_open)}.")
    if restated := book.days_of("restated"):
        paragraphs.append(
            f"Dias alterados depois do fechamento: {_listed(restated)}. O selo impresso é do "
            "estado anterior e não contém os lançamentos posteriores a ele; o próximo fechamento "
            "fará uma nova versão do dia, que os conterá."
        )
    return paragraphs


def _counted(entries: int) -> str:
    if entries == 1:
        return "1 lançamento"
    return f"{entries:,} lançamentos".replace(",", ".")


def _sheets(sheets: int) -> str:
    return f"Contém este livro {sheets} folhas, numeradas de 0001 a {sheets:04}"


def _owner(book: Book) -> str:
    # A line never ends between "CNPJ" and its number.
    document = document_text(book.merchant.document).replace(" ", "\u00a0")
    return f"{book.merchant.name}, {document}"


def _limits(book: Book) -> Iterator[str]:
    """Yield what the book does not contain: days to come, and other currencies."""
    statement = book.statement
    if not book.is_over:
        newest = statement.newest
        until = (
            f"com os lançamentos registrados até {newest.astimezone(statement.zone):%d/%m/%Y %H:%M}"
            if newest
            else "ainda sem lançamentos"
        )
        yield (
            f"Livro parcial, {until}: o período termina em {day_text(statement.last, LOCALE)}. Não "
            "é o livro definitivo do período."
        )
    if book.other_currencies:
        names = ", ".join(book.other_currencies[:_MOST_CURRENCIES])
        more = len(book.other_currencies) - _MOST_CURRENCIES
        yield (
            f"Não estão incluídos os lançamentos em outras moedas: {names}"
            f"{f' e outras {more}' if more > 0 else ''}."
        )


def _unsealed_summary(book: Book) -> Iterator[str]:
    counts = len(book.days_of("open")), len(book.days_of("restated"))
    if any(counts):
        yield (
            f"Dias com lançamentos, ainda não fechados: {counts[0]}. Dias alterados depois do "
            f"fechamento: {counts[1]}. Estão relacionados nas folhas dos selos."
        )


def _listed(days: Iterable[date]) -> str:
    return ", ".join(day_text(day, LOCALE) for day in days)
