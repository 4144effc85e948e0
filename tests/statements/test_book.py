"""The cash book: terms, numbered sheets, and seals that can be checked."""

import re

import pytest

from chalicelib.ledger.merchants import Merchant
from chalicelib.statements.book_file import book_file
from chalicelib.statements.pdf_text import BOLD, REGULAR, size_that_fits, width
from tests.statements.examples import SEAL, statement
from tests.statements.pdf_lines import pdf_texts

MERCHANT = Merchant("Padaria São João", "12ABC34501DE35", "Campinas", "SP")


def test_book_has_terms_sheets_and_seals() -> None:
    texts = pdf_texts(book_file(statement(), MERCHANT))
    assert "CNPJ 12.ABC.345/01DE-35" in texts
    assert {f"Folha {number:04}" for number in (1, 2, 3, 4)} <= set(texts.splitlines())
    assert "Contém este livro 4 folhas, numeradas de 0001 a 0004" in texts.replace("\n", " ")
    assert "Saldo conjunto de caixa e bancos" in texts
    assert {f"raiz {SEAL.root}", f"assinatura {SEAL.signature}"} <= set(texts.splitlines())
    with pytest.raises(ValueError, match="all accounts"):
        book_file(statement("bank"), MERCHANT)


def test_long_names_and_amounts_fit() -> None:
    merchant = MERCHANT._replace(name="Padaria " * 15)
    texts = pdf_texts(book_file(statement(), merchant)).splitlines()
    (head, *_) = [text for text in texts if text.startswith("Livro Caixa · Padaria")]
    assert head.endswith("…") and width(head, REGULAR, 8) <= 441.3
    assert size_that_fits("1.234,56", BOLD, 12, 134) == 12
    amount = "-99.999.999.999.999.999,99"
    assert 73 < width(amount, BOLD, size_that_fits(amount, BOLD, 12, 74)) <= 74


def test_book_without_closed_days_says_so() -> None:
    days = [day._replace(seal=None) for day in statement().days]
    assert "Nenhum dia deste período está fechado." in pdf_texts(
        book_file(statement()._replace(days=days), MERCHANT)
    )


def test_book_begins_with_its_opening_term() -> None:
    content = book_file(statement(), MERCHANT)
    titles = re.findall(rb"/Title \(?<?([^)>]+)", content)
    assert titles[0].startswith(b"Termo de abertura")
