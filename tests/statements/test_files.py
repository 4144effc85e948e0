"""Statements as files: the same amounts in each format, and texts that stay texts."""

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from chalicelib.ledger.statement import Statement
from chalicelib.statements.csv_file import csv_file, harmless
from chalicelib.statements.journal_file import journal_file
from chalicelib.statements.ofx_file import ofx_file
from chalicelib.statements.pdf_file import pdf_file
from chalicelib.statements.xlsx_file import xlsx_file
from tests.statements.examples import ENTRIES, SEAL, sale, statement
from tests.statements.pdf_lines import pdf_texts

WRITERS: list[Callable[[Statement, str], bytes]] = [csv_file, xlsx_file, pdf_file, journal_file]


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
    assert book.sheetnames == ["Lançamentos", "Dias", "Gráfico", "Categorias"]
    entries, days, _ = book.worksheets
    assert len(book["Gráfico"]._charts) == 1
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


def test_bank_id_has_at_most_9_characters() -> None:
    (bank,) = re.findall(r"<BANKID>([^<]+)", ofx_file(statement("bank"), "pt-BR").decode())
    assert 1 <= len(bank) <= 9
