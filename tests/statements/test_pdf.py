"""PDF: the same amounts, nothing outside of a page, and characters that the fonts lack."""

import io
import time
from datetime import timedelta
from itertools import pairwise

import openpyxl
import pytest

from chalicelib.ledger.merchants import Merchant
from chalicelib.statements.book_file import book_file
from chalicelib.statements.book_terms import Book
from chalicelib.statements.pdf_file import pdf_file
from chalicelib.statements.pdf_text import FIXED, REGULAR, width, wrap
from chalicelib.statements.transliteration import printable
from chalicelib.statements.xlsx_file import xlsx_file
from tests.statements.examples import ENTRIES, FIRST, LAST, SEAL, sale, statement
from tests.statements.pdf_lines import pdf_lines, pdf_texts

MERCHANT = Merchant("Padaria São João", "12ABC34501DE35", "Campinas", "SP")


def test_pdf_shows_summary_entries_and_seals() -> None:
    texts = pdf_texts(pdf_file(statement(), "pt-BR"))
    assert {"949,75", "1.234.718,64", "120,05", "1.235.548,34"} <= set(texts.splitlines())
    assert f"Versão 2, raiz do fechamento {SEAL.root}" in texts
    assert "[emoji] <b>Capek</b>" in texts and "Página\n1/1" not in texts
    assert "Página 1/1" in texts
    assert "Nenhum lançamento neste período." in pdf_texts(pdf_file(statement(entries=[]), "pt-BR"))


def test_files_for_people_name_the_merchant() -> None:
    named = statement()._replace(merchant=MERCHANT)
    assert "Padaria São João · CNPJ 12.ABC.345/01DE-35" in pdf_texts(pdf_file(named, "pt-BR"))
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_file(named, "pt-BR"))).worksheets[0]
    assert sheet["A1"].value == (
        "Padaria São João · CNPJ 12.ABC.345/01DE-35 · "
        "Extrato · todas as contas · 01/11/2026 a 03/11/2026 · BRL"
    )
    long = MERCHANT._replace(name="W" * 120)
    assert f"{'W' * 120} · CNPJ" in pdf_texts(pdf_file(statement()._replace(merchant=long), "en"))


def test_pdf_repeats_headings_on_each_page() -> None:
    many = [each for _ in range(40) for each in ENTRIES]
    texts = pdf_texts(pdf_file(statement(entries=many), "en")).splitlines()
    pages = [text for text in texts if text.startswith("Page ")]
    assert pages[-1] == f"Page {len(pages)}/{len(pages)}" and len(pages) >= 4
    assert texts.count("Description") >= len(pages) - 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Pão", "Pão"),
        ("Čapek", "Capek"),
        ("½ ﬁ €", "½ fi €"),
        ("a\u200db", "ab"),
        ("🍞🥖 👍🏽 e 🍞", "[emoji] e [emoji]"),
        ("Łódź Şişli Đorđe ı", "Lódz Sisli Dorde i"),
        ("Привет Ελληνικά", "Privet Ellinika"),
        ("2−1 → ≤ 🇧🇷", "2-1 -> <= BR"),
        ("日本 | שלום עולם ٣ ॐ", "[ideogramas] | [hebraico] 3 [devanágari]"),
        ("ﬀ ★ ■ \ue000 ក", "ff [emoji] [símbolo] [outra escrita]"),
    ],
)
def test_missing_glyphs_are_transliterated(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_fit_into_their_room() -> None:
    lines = list(wrap("Fornecedor " + "x" * 100 + " de farinha", REGULAR, 8, 60))
    assert "".join(lines).replace(" ", "") == "Fornecedor" + "x" * 100 + "defarinha"
    assert all(width(line, REGULAR, 8) <= 60 for line in lines)
    assert width("1.234,56", REGULAR, 10) == pytest.approx(38.92)
    assert width("ab", FIXED, 10) == 12


def test_wrapping_takes_linear_time() -> None:
    started = time.process_time()
    assert len(wrap("x" * 500_000, REGULAR, 8, 60)) == 33_334
    assert time.process_time() - started < 5


WORST_TEXTS = ("👍🏽" * 100, "ع" * 200, "ש" * 200, "हि" * 100, "Щ日" * 100, "W" * 200, "W-" * 100)


@pytest.mark.parametrize("text", WORST_TEXTS, ids=["emoji", *"ahdcwb"])
def test_no_text_leaves_its_page(text: str) -> None:
    entries = [
        each._replace(description=text, category="m" * 40, account="m" * 40) for each in ENTRIES
    ]
    content = statement(entries=entries)
    merchant = MERCHANT._replace(name=text[:120], town=text[:60])
    currencies = [f"A{number:02}" for number in range(30)]
    book = Book(content, merchant, "m" * 40, currencies, is_over=False)
    for file in (pdf_file(content, "pt-BR"), pdf_file(content, "en"), book_file(book)):
        lines = list(pdf_lines(file))
        outside = [line for line in lines if line.left < 42 or line.right > 553.4]
        low = [line for line in lines if line.bottom < 56 and line.bottom != 30]  # 30: the foot
        assert (outside, low) == ([], [])
        if text[0] == "W":
            assert "".join(line.text for line in lines if line.text[0] == "W").count(text) >= 4


def test_scripts_without_glyphs_are_named_once() -> None:
    entries = [
        ENTRIES[0]._replace(description=" ".join(["שלום"] * 40)),
        sale(1, 1)._replace(description="Щ日" * 100),
    ]
    texts = pdf_texts(pdf_file(statement(entries=entries), "en"))
    assert "[Hebrew]\n" in texts and texts.count("[Hebrew]") == 1
    assert texts.count("[ideographs]") < 20 and "…\n" in texts


def test_long_words_break_after_hyphens() -> None:
    assert list(wrap("caixa-da-filial-do-centro", REGULAR, 8, 45)) == [
        "caixa-da-",
        "filial-do-",
        "centro",
    ]


def test_sums_beyond_their_column_stay_in_it() -> None:
    entries = [ENTRIES[0]._replace(amount_minor=10**15 - 1, category="c" * 40) for _ in range(50)]
    texts = pdf_texts(pdf_file(statement(entries=entries), "pt-BR"))
    assert "500.000.000.000.949,25" in texts and "Categoria · conta" in texts


def test_labels_of_a_chart_do_not_overlap() -> None:
    sold = [ENTRIES[0]._replace(type="debit", amount_minor=10**9), *ENTRIES[:1]]
    days = (FIRST - timedelta(days=1), LAST)  # so that the balance is above and far below zero
    lines = list(pdf_lines(pdf_file(statement("main", sold, days), "pt-BR")))
    labels = [line for line in lines if line.right == pytest.approx(106, abs=0.1)]
    assert [label.text for label in labels] == [
        "1.000,00", "-9.998.849,25", "10.000.000,00", "0,00",
    ]  # fmt: skip
    heights = [label.bottom for label in labels]
    assert all(above - below > 7 for above, below in pairwise(heights))


def test_empty_chart_has_one_zero_a_scale() -> None:
    lines = pdf_lines(pdf_file(statement("cash", []), "pt-BR"))
    labels = [line.text for line in lines if line.right == pytest.approx(106, abs=0.1)]
    assert labels == ["0,00", "0,00"]


def test_pdf_has_title_language_and_bookmarks() -> None:
    content = pdf_file(statement(), "pt-BR")
    assert b"/Lang (pt-BR)" in content and b"/DisplayDocTitle true" in content
    title = "Extrato · todas as contas · 01/11/2026 a 03/11/2026 · BRL"
    assert title.encode("utf-16-be").hex().encode() in content.lower()
    assert content.count(b"/Dest [") == 3
