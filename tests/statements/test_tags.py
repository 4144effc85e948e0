"""Tagged PDFs: each row is a row of a table, and what is on every page is not read."""

import pytest

from chalicelib.ledger.merchants import Merchant
from chalicelib.statements.book_file import book_file
from chalicelib.statements.book_terms import Book
from chalicelib.statements.pdf_file import pdf_file
from tests.statements.examples import ENTRIES, SEAL, statement
from tests.statements.pdf_tags import pdf_objects, tags, unmarked

MERCHANT = Merchant("Padaria São João", "12ABC34501DE35", "Campinas", "SP")


def test_rows_of_a_statement_are_tagged() -> None:
    content = pdf_file(statement("main"), "pt-BR")
    elements = list(tags(content))
    assert elements[:3] == [
        ("Document", ""), ("H1", "Extrato"), ("P", "main · 01/11/2026 a 03/11/2026 · BRL"),
    ]  # fmt: skip
    tables = "\n".join(f"{role} {text}" for role, text in elements).split("Table \n")
    headings = ["Dia", "Histórico", "Categoria", "Entradas", "Saídas", "Saldo"]
    assert tables[1].startswith("TR \n" + "".join(f"TH {text}\n" for text in headings))
    row = "TR \nTD 01/11/2026 10:00\nTD Pão & café\nTD sales\nTD 150,75\nTD \nTD 1.150,75\n"
    assert row in tables[1]
    assert f"TD alterado\nVersão 2, raiz do fechamento {SEAL.root}" in tables[2]
    assert unmarked(content) == ""
    everything = b"".join(pdf_objects(content).values())
    assert b"/MarkInfo <</Marked true>>" in everything and b"/Scope /Column" in everything
    assert "Gráfico: saldo de cada dia, de 1.050,75 a 1.150,75".encode("utf-16-be").hex() in (
        everything.decode("latin-1").lower()
    )


def test_book_is_read_in_the_order_of_its_sheets() -> None:
    content = book_file(Book(statement(), MERCHANT, "padaria"))
    titles = [text for role, text in tags(content) if role == "H1"]
    assert titles == [
        "Termo de abertura", "Novembro de 2026", "Selos dos dias fechados", "Termo de encerramento",
    ]  # fmt: skip
    assert unmarked(content) == "" and "Folha" not in str(list(tags(content)))


def test_headings_are_read_once_a_table() -> None:
    elements = list(tags(pdf_file(statement(entries=ENTRIES * 40), "pt-BR")))
    assert [text for role, text in elements if role == "TH"].count("Histórico") == 1
    assert sum(role == "TR" for role, _ in elements) == 1 + 200 + 1 + 3


def test_many_entries_are_not_tagged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.statements.pdf_document.MOST_TAGGED", 4)
    content = pdf_file(statement(), "pt-BR")
    assert b"StructTreeRoot" not in b"".join(pdf_objects(content).values())
    assert "BDC" not in unmarked(content) and "(Extrato) Tj" in unmarked(content)
