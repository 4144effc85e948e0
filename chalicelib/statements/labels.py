"""The words of statements in Portuguese and English; how each language writes money and days."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from chalicelib.ledger.money import format_amount


class Labels(NamedTuple):
    """The words of one language."""

    statement: str
    opening: str
    credits: str
    debits: str
    closing: str
    entry: str
    entries: str
    day: str
    days: str
    day_balance: str
    time: str
    description: str
    category: str
    categories: str
    accounting_code: str
    chart: str
    about_chart: str
    account: str
    all_accounts: str
    balance: str
    status: str
    version: str
    root: str
    to: str
    page: str
    no_entries: str
    no_category: str
    without_text: str
    statuses: Mapping[str, str]
    csv_columns: tuple[str, ...]


_PORTUGUESE = Labels(
    statement="Extrato",
    opening="Saldo inicial",
    credits="Entradas",
    debits="Saídas",
    closing="Saldo final",
    entry="Lançamento",
    entries="Lançamentos",
    day="Dia",
    days="Dias",
    day_balance="Saldo do dia",
    time="Hora",
    description="Histórico",
    category="Categoria",
    categories="Categorias",
    accounting_code="Código contábil",
    chart="Gráfico",
    about_chart=(
        "Gráfico: saldo de cada dia, de {lowest} a {highest}; entradas e saídas de cada dia, até "
        "{most}."
    ),
    account="Conta",
    all_accounts="todas as contas",
    balance="Saldo",
    status="Situação",
    version="Versão",
    root="Raiz do fechamento",
    to="a",
    page="Página",
    no_entries="Nenhum lançamento neste período.",
    no_category="sem categoria",
    without_text="(sem histórico)",
    statuses={"open": "aberto", "closed": "fechado", "restated": "alterado"},
    csv_columns=(
        *("Linha", "Dia", "Ocorrido em", "Conta", "Histórico", "Categoria", "Entrada", "Saída"),
        *("Saldo", "Moeda", "Situação do dia", "Versão", "Raiz do fechamento", "Estorna"),
        *("Estornado por", "Registrado em", "Id"),
    ),
)
_ENGLISH = Labels(
    statement="Statement",
    opening="Opening balance",
    credits="Credits",
    debits="Debits",
    closing="Closing balance",
    entry="Entry",
    entries="Entries",
    day="Day",
    days="Days",
    day_balance="Balance of the day",
    time="Time",
    description="Description",
    category="Category",
    categories="Categories",
    accounting_code="Accounting code",
    chart="Chart",
    about_chart=(
        "Chart: balance of each day, from {lowest} to {highest}; credits and debits of each day, "
        "up to {most}."
    ),
    account="Account",
    all_accounts="all accounts",
    balance="Balance",
    status="Status",
    version="Version",
    root="Root of the closing",
    to="to",
    page="Page",
    no_entries="No entries in this period.",
    no_category="no category",
    without_text="(no description)",
    statuses={"open": "open", "closed": "closed", "restated": "restated"},
    csv_columns=(
        *("Row", "Day", "Occurred at", "Account", "Description", "Category", "Credit", "Debit"),
        *("Balance", "Currency", "Status of the day", "Version", "Root of the closing"),
        *("Reverses", "Reversed by", "Recorded at", "Id"),
    ),
)


def labels(locale: str) -> Labels:
    """Return the words of `pt-BR` or `en`."""
    return {"pt-BR": _PORTUGUESE, "en": _ENGLISH}[locale]


def money_text(amount_minor: int, currency: str, locale: str) -> str:
    """Return an amount for people, without its currency: `-1.234,56` or (en) `-1,234.56`."""
    whole, point, decimals = format_amount(abs(amount_minor), currency).partition(".")
    grouped = f"{int(whole):,}{point}{decimals}"
    if locale == "pt-BR":
        grouped = grouped.translate(str.maketrans(",.", ".,"))
    return f"-{grouped}" if amount_minor < 0 else grouped


def day_text(day: date, locale: str) -> str:
    """Return a day for people: `23/11/2026` in pt-BR, `2026-11-23` in en."""
    return f"{day:%d/%m/%Y}" if locale == "pt-BR" else day.isoformat()
