"""Statements as files: the same amounts in each format, and texts that stay texts."""

import csv
import io
import re
import zlib
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from chalicelib.ledger.merchants import Merchant
from chalicelib.ledger.statement import Statement
from chalicelib.statements.book_file import book_file
from chalicelib.statements.csv_file import csv_file, harmless
from chalicelib.statements.journal_file import journal_file
from chalicelib.statements.ofx_file import ofx_file
from chalicelib.statements.pdf_file import pdf_file
from chalicelib.statements.pdf_text import BOLD, FIXED, REGULAR, size_that_fits, width, wrap
from chalicelib.statements.transliteration import printable
from chalicelib.statements.xlsx_file import xlsx_file
from tests.statements.examples import ENTRIES, SEAL, sale, statement

MERCHANT = Merchant("Padaria São João", "12ABC34501DE35", "Campinas", "SP")
WRITERS: list[Callable[[Statement, str], bytes]] = [csv_file, xlsx_file, pdf_file, journal_file]


def pdf_texts(content: bytes) -> str:
    """Return the texts of a PDF, a line for each."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL)
    shown = re.findall(rb"\((.*?)\) Tj", b"\n".join(map(zlib.decompress, streams)), re.DOTALL)
    return "\n".join(re.sub(r"\\([\\()])", r"\1", text.decode("cp1252")) for text in shown)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("locale", ["pt-BR", "en"])
def test_same_content_gives_same_bytes(
    write: Callable[[Statement, str], bytes], locale: str
) -> None:
    assert write(statement(), locale) == write(statement(), locale)
    assert write(statement(entries=[]), locale)


def test_csv_has_every_balance() -> None:
    rows = list(
        csv.reader(io.StringIO(csv_file(statement(), "pt-BR").decode("utf-8-sig")), delimiter=";")
    )
    assert [(row[0], row[8]) for row in rows[1:]] == [
        ("Saldo inicial", "949,75"),
        ("Lançamento", "1100,50"),
        ("Lançamento", "1080,50"),
        ("Saldo do dia", "1080,50"),
        ("Saldo do dia", "1080,50"),
        ("Lançamento", "1235648,39"),
        ("Lançamento", "1235648,34"),
        ("Lançamento", "1235548,34"),
        ("Saldo do dia", "1235548,34"),
        ("Saldo final", "1235548,34"),
    ]
    assert rows[4][10:13] == ["alterado", "2", SEAL.root]
    assert {len(row) for row in rows} == {17}
    assert rows[3][4] == "'=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("a=b; c+d", "a=b; c+d"),
        (None, ""),
    ],
)
def test_csv_texts_start_no_formula(text: str | None, written: str) -> None:
    assert harmless(text) == written


def test_xlsx_has_dates_numbers_and_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_file(statement(), "pt-BR")))
    assert book.sheetnames == ["Lançamentos", "Dias", "Categorias"]
    entries, days, _ = book.worksheets
    kinds = [[cell.data_type for cell in row[:8]] for row in entries.iter_rows(min_row=6)]
    assert {tuple(kind[:2]) for kind in kinds} == {("d", "d")}
    assert entries["C7"].value == "=cmd|' /C calc'!A0" and entries["C7"].data_type == "s"
    assert [cell.value for cell in entries[3]][:4] == [949.75, 1234718.64, 120.05, 1235548.34]
    assert [row[4].value for row in days.iter_rows(min_row=6, max_row=8)] == [
        1080.5, 1080.5, 1235548.34,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "sent", "local", "offset"),
    [
        ("America/Sao_Paulo", "2018-07-10T17:05:09Z", "2018-07-10T14:05:09-03:00", "-3"),  # winter
        ("America/Sao_Paulo", "2018-12-10T17:05:09Z", "2018-12-10T15:05:09-02:00", "-2"),  # summer
        ("America/Sao_Paulo", "2026-11-02T02:59:59.9+00:00", "2026-11-01T23:59:59-03:00", "-3"),
        ("America/Sao_Paulo", "2026-11-02T03:00:00+00:00", "2026-11-02T00:00:00-03:00", "-3"),
        ("Asia/Kolkata", "2026-11-01T14:05:00-03:00", "2026-11-01T22:35:00+05:30", "5.30"),
    ],
)
def test_times_are_of_the_business_time_zone(zone: str, sent: str, local: str, offset: str) -> None:
    moment = datetime.fromisoformat(local)
    day, brazilian = moment.date(), f"{moment:%d/%m/%Y %H:%M:%S}"
    sold = sale(0, 1, account="main")._replace(occurred_at=sent, day=day)
    content = statement("main", [sold], (day, day), ZoneInfo(zone))
    assert f";{brazilian};" in csv_file(content, "pt-BR").decode()
    assert f",{local}," in csv_file(content, "en").decode()
    cell = openpyxl.load_workbook(io.BytesIO(xlsx_file(content, "pt-BR"))).worksheets[0]["B6"].value
    assert f"{cell:%d/%m/%Y %H:%M:%S}" == brazilian
    assert brazilian[:-3] in pdf_texts(pdf_file(content, "pt-BR")).splitlines()
    noon = f"<DTPOSTED>{day:%Y%m%d}120000[{offset}:GMT]<"
    assert noon in ofx_file(content, "pt-BR").decode()


def test_ofx_is_of_one_account() -> None:
    text = ofx_file(statement("bank"), "pt-BR").decode()
    assert text.startswith("OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\n")
    assert re.findall(r"<TRNAMT>([^<]+)<FITID>([^<]+)", text) == [
        ("-20.00", ENTRIES[1].entry_id),
        ("1234567.89", ENTRIES[2].entry_id),
    ]
    assert "<BALAMT>1234497.64<" in text and "<DTASOF>20261103120000[-3:GMT]<" in text
    assert "<ACCTID>bank<" in text
    with pytest.raises(ValueError, match="one account"):
        ofx_file(statement(), "pt-BR")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Pagamento de fornecedor, farinha", "Pagamento de fornecedor, farinha"),
        ("Pagamento de fornecedor, farinha e ovos", "Pagamento de fornecedor, farinha"),
        ("Pagamento de fornecedor de farinha de trigo", "Pagamento de fornecedor de"),
        ("Pagamento de " + "fornecedor" * 4, "Pagamento de fornecedorfornecedo"),
    ],
)
def test_ofx_names_end_with_a_word(text: str, name: str) -> None:
    long = ENTRIES[0]._replace(account="a" * 40, description=text)
    content = ofx_file(statement("a" * 40, [long]), "pt-BR").decode()
    assert re.findall(r"<NAME>([^<]+)", content) == [name]
    assert re.findall(r"<MEMO>([^<]+)", content) == [text] * (len(text) > 32)
    assert re.findall(r"<ACCTID>([^<]{1,22})<", content)


def test_journal_asserts_each_accounts_balance() -> None:
    text = journal_file(statement(), "pt-BR").decode()
    assert "    assets:main  1000.00 BRL = 1000.00 BRL\n" in text
    assert "    assets:bank  1234567.89 BRL = 1234497.64 BRL\n" in text
    assert "    assets:cash  -0.05 BRL = -0.05 BRL\n" in text
    assert "Fornecedor, São João , loja" in text


def test_pdf_shows_summary_entries_and_seals() -> None:
    texts = pdf_texts(pdf_file(statement(), "pt-BR"))
    assert {"949,75", "1.234.718,64", "120,05", "1.235.548,34"} <= set(texts.splitlines())
    assert f"Versão 2, raiz do fechamento {SEAL.root}" in texts
    assert "[bread] <b>Capek</b>" in texts and "Página\n1/1" not in texts
    assert "Página 1/1" in texts
    assert "Nenhum lançamento neste período." in pdf_texts(pdf_file(statement(entries=[]), "pt-BR"))


def test_pdf_has_title_language_and_bookmarks() -> None:
    content = pdf_file(statement(), "pt-BR")
    assert b"/Lang (pt-BR)" in content and b"/DisplayDocTitle true" in content
    title = "Extrato · todas as contas · 01/11/2026 a 03/11/2026 · BRL"
    assert title.encode("utf-16-be").hex().encode() in content.lower()
    assert content.count(b"/Dest [") == 3


def test_pdf_repeats_headings_on_each_page() -> None:
    many = [each for _ in range(40) for each in ENTRIES]
    texts = pdf_texts(pdf_file(statement(entries=many), "en")).splitlines()
    pages = [text for text in texts if text.startswith("Page ")]
    assert pages[-1] == f"Page {len(pages)}/{len(pages)}" and len(pages) >= 4
    assert texts.count("Description") >= len(pages) - 1


def test_book_has_terms_sheets_and_seals() -> None:
    texts = pdf_texts(book_file(statement(), MERCHANT))
    assert "CNPJ 12.ABC.345/01DE-35" in texts
    assert {f"Folha {number:04}" for number in (1, 2, 3, 4)} <= set(texts.splitlines())
    assert "Contém este livro 4 folhas, numeradas de 0001 a 0004" in texts.replace("\n", " ")
    assert "Saldo conjunto de caixa e bancos" in texts
    assert {f"raiz {SEAL.root}", f"assinatura {SEAL.signature}"} <= set(texts.splitlines())
    with pytest.raises(ValueError, match="all accounts"):
        book_file(statement("bank"), MERCHANT)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Pão", "Pão"),
        ("Čapek", "Capek"),
        ("½ ﬁ €", "½ fi €"),
        ("a\u200db", "ab"),
        ("🍞", "[bread]"),
        ("Łódź Şişli Đorđe ı", "Lódz Sisli Dorde i"),
        ("Привет Ελληνικά", "Privet Ellinika"),
        ("2−1 → ≤ 🇧🇷", "2-1 -> <= BR"),
        ("日", "[U+65E5]"),
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


def test_long_names_and_amounts_fit() -> None:
    merchant = MERCHANT._replace(name="Padaria " * 15)
    texts = pdf_texts(book_file(statement(), merchant)).splitlines()
    (head, *_) = [text for text in texts if text.startswith("Livro Caixa · Padaria")]
    assert head.endswith("…") and width(head, REGULAR, 8) <= 441.3
    assert size_that_fits("1.234,56", BOLD, 12, 134) == 12
    amount = "-99.999.999.999.999.999,99"
    assert 73 < width(amount, BOLD, size_that_fits(amount, BOLD, 12, 74)) <= 74


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
    low = [ENTRIES[0]._replace(type="debit", amount_minor=10**9), *ENTRIES[:1]]
    labels = re.findall(
        "^0,00$", pdf_texts(pdf_file(statement("main", low), "pt-BR")), re.MULTILINE
    )
    assert len(labels) == 5  # of the table of days, none of the chart's


def test_bank_id_has_at_most_9_characters() -> None:
    (bank,) = re.findall(r"<BANKID>([^<]+)", ofx_file(statement("bank"), "pt-BR").decode())
    assert 1 <= len(bank) <= 9


def test_book_without_closed_days_says_so() -> None:
    days = [day._replace(seal=None) for day in statement().days]
    assert "Nenhum dia deste período está fechado." in pdf_texts(
        book_file(statement()._replace(days=days), MERCHANT)
    )


def test_book_begins_with_its_opening_term() -> None:
    content = book_file(statement(), MERCHANT)
    titles = re.findall(rb"/Title \(?<?([^)>]+)", content)
    assert titles[0].startswith(b"Termo de abertura")
