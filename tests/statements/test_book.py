"""The cash book: terms, numbered sheets, and seals that are checked from the printed page."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import verify
from chalicelib.ledger.balances import DayStatus, totals_by
from chalicelib.ledger.merchants import Merchant
from chalicelib.ledger.statement import DaySeal, Statement, StatementRows, build
from chalicelib.statements.book_file import book_file
from chalicelib.statements.book_terms import Book
from chalicelib.statements.pdf_text import BOLD, REGULAR, size_that_fits, width
from tests.statements.examples import ENTRIES, SAO_PAULO, SEAL, sale, statement
from tests.statements.pdf_lines import pdf_texts
from tests.statements.pdf_tags import pdf_objects
from tests.verify.book import saved_files
from tests.verify.month import honest_book

MERCHANT = Merchant("Padaria São João", "12ABC34501DE35", "Campinas", "SP")


def texts_of(content: Statement, **fields: Any) -> str:
    """Return the texts of a book, lines joined by spaces."""
    book = Book(content, MERCHANT, "padaria")._replace(**fields)
    return pdf_texts(book_file(book)).replace("\n", " ")


def test_book_has_terms_sheets_and_seals() -> None:
    texts = texts_of(statement())
    assert "CNPJ 12.ABC.345/01DE-35" in texts
    assert all(f"Folha {number:04}" in texts for number in (1, 2, 3, 4))
    assert "Contém este livro 4 folhas, numeradas de 0001 a 0004" in texts
    assert "Saldo conjunto de caixa e bancos" in texts
    assert f"raiz {SEAL.root} assinatura {SEAL.signature} chave key-1" in texts
    for field in ("Nº de ordem: __", "Representante legal Nome CPF Assinatura"):
        assert texts.count(field) == 2
    assert texts.count("Responsável pela escrituração (contador) Nome CRC Assinatura") == 2
    with pytest.raises(ValueError, match="all accounts, in BRL"):
        texts_of(statement("bank"))
    with pytest.raises(ValueError, match="all accounts, in BRL"):
        texts_of(statement()._replace(currency="USD"))


def test_closing_term_has_sums_and_counts() -> None:
    sums = (
        "Saldo inicial R$ 949,75; entradas R$ 1.234.718,64; saídas R$ 120,05; saldo final "
        "R$ 1.235.548,34; 5 lançamentos."
    )
    assert sums in texts_of(statement()).replace("\u00a0", " ")
    assert "; 1 lançamento." in texts_of(statement(entries=ENTRIES[:1]))
    assert "; 1.200 lançamentos." in texts_of(statement(entries=ENTRIES[:1] * 1_200))


def test_entries_have_their_time_and_id() -> None:
    reversal = sale(3, 3)._replace(reverses="e" * 32, entry_id="f" * 32)
    assert f"13:00:00 {'f' * 32}, estorna {'e' * 32}" in texts_of(statement(entries=[reversal]))
    texts = texts_of(statement())
    assert all(f"0:00 {entry.entry_id} " in texts for entry in ENTRIES)


def test_month_without_entries_says_so() -> None:
    days = (date(2026, 10, 1), date(2026, 11, 30))
    assert texts_of(statement(days=days)).count("Sem movimento") == 1


def test_unfinished_period_is_marked_partial() -> None:
    texts = texts_of(statement(), is_over=False)
    assert "Livro Caixa parcial · Padaria" in texts and "Termo de encerramento parcial" in texts
    limit = (
        "Livro parcial, com os lançamentos registrados até 23/11/2026 12:00: o período termina em "
        "03/11/2026. Não é o livro definitivo do período."
    )
    assert texts.count(limit) == 2
    assert "parcial" not in texts_of(statement())
    empty = statement(entries=[])
    assert "Livro parcial, ainda sem lançamentos:" in texts_of(empty, is_over=False)
    assert "de caixa e bancos (parcial)" in texts and "e serviu de Livro Caixa parcial de" in texts


def test_days_without_complete_seal_are_listed() -> None:
    texts = texts_of(statement())
    assert "Dias com lançamentos, ainda não fechados: 03/11/2026." in texts
    assert "Dias alterados depois do fechamento: 01/11/2026. O selo impresso é do" in texts
    assert "ainda não fechados: 1. Dias alterados depois do fechamento: 1. Estão" in texts


def test_other_currencies_are_named() -> None:
    sentence = "Não estão incluídos os lançamentos em outras moedas: JPY, USD."
    assert texts_of(statement(), other_currencies=["JPY", "USD"]).count(sentence) == 2
    many = texts_of(statement(), other_currencies=[f"A{number:02}" for number in range(22)])
    assert many.count("A19 e outras 2.") == 2
    assert "outras moedas:" not in texts_of(statement())


def sealed_month() -> tuple[Statement, dict[str, Any]]:
    """Return November of an honest book as a statement, and the files that a checker saved."""
    honest = honest_book()
    entries = [e for e in honest.entries if e.currency == "BRL" and e.day.month == 11]
    newest = {date.fromisoformat(item["day"]): item for item in honest.items}
    names = ("version", "sequence", "root", "signature", "key_id")
    rows = StatementRows(
        openings={},
        entries=[(e, None) for e in sorted(entries, key=lambda e: e.day)],
        totals=totals_by(entries, lambda e: e.day),
        statuses={day: DayStatus("closed", item["version"]) for day, item in newest.items()},
        seals={day: DaySeal(*(item[name] for name in names)) for day, item in newest.items()},
        as_of=None,
    )
    month = build(rows, date(2026, 11, 1), date(2026, 11, 30), None, "BRL", SAO_PAULO)
    return month, saved_files(honest)


@pytest.mark.parametrize("day", ["2026-11-10", "2026-11-21"])  # the tenth was closed twice
def test_printed_seal_passes_verify(
    day: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    month, files = sealed_month()
    texts = pdf_texts(book_file(Book(month, MERCHANT, "padaria")))
    printed = re.search(
        rf"(\d+)\n{day[8:]}/11/2026\n(\d+)\nfechado\nraiz (\S+)\nassinatura (\S+)\nchave (\S+)",
        texts,
    )
    assert printed is not None
    sequence, version, root, signature, key_id = printed.groups()
    (example,) = re.findall(r"selo.json: (.*?\})", texts.replace("\n", ""))
    names = {"Ordem": sequence, "aaaa-mm-dd": day, "Versão": version, "raiz": root,
             "assinatura": signature, "chave": key_id}  # fmt: skip
    for name, value in names.items():
        example = example.replace(name, value, 1)
    leaves = files[f"leaves-{day}-{version}.json"]
    for name, content in {
        "chaves": files["keys.json"], "selo": json.loads(example), "folhas": leaves,
        "fechamentos": files[f"closings-{day}.json"],
    }.items():  # fmt: skip
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"python verify.py (.+?)\n(?=python|Com os)", texts, re.DOTALL)
    assert len(commands) == 2
    for command in commands:
        arguments = command.replace("\n", " ").replace("Ordem", sequence).split()
        assert verify.main(arguments) == 0
        assert "Valid:" in capsys.readouterr().out
    ids = [leaf["entry"] for leaf in leaves["items"] if leaf["currency"] == "BRL"]
    assert ids and all(f"12:00:00 {entry_id}\n" in texts for entry_id in ids)


def test_long_names_and_amounts_fit() -> None:
    texts = texts_of(statement(), merchant=MERCHANT._replace(name="Padaria " * 15))
    (head,) = set(re.findall("Livro Caixa · [^…]+…", texts))
    assert width(head, REGULAR, 8) <= 441.3
    assert size_that_fits("1.234,56", BOLD, 12, 134) == 12
    amount = "-99.999.999.999.999.999,99"
    assert 73 < width(amount, BOLD, size_that_fits(amount, BOLD, 12, 74)) <= 74


def test_book_without_closed_days_says_so() -> None:
    days = [day._replace(seal=None) for day in statement().days]
    assert "Nenhum dia deste período está fechado." in texts_of(statement()._replace(days=days))


def test_book_begins_with_its_opening_term() -> None:
    content = book_file(Book(statement(), MERCHANT, "padaria"))
    everything = b"".join(pdf_objects(content).values())
    titles = re.findall(rb"/Title \(?<?([^)>]+)", everything)
    assert titles[0].startswith(b"Termo de abertura")
