"""Each reader finds the balances of the API, and notices another balance, text or formula."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.api.statement_responses import statement_response
from chalicelib.statements.csv_file import csv_file
from chalicelib.statements.xlsx_file import xlsx_file
from tests.statements.examples import FIRST, LAST, SEAL, statement
from verification.commands import VerificationError
from verification.statement_readers import libreoffice, pdf, readers
from verification.statement_readers.__main__ import errors
from verification.statement_readers.programs import check_installed
from verification.statement_readers.readers import Movement, Reading
from verification.statement_readers.seeded_year import LAST as LAST_OF_YEAR
from verification.statement_readers.seeded_year import year

SHEET = """<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="Dias"><table:shapes><table:table table:name="chart"><table:table-row/>
</table:table></table:shapes><table:table-row>
<table:table-cell office:value-type="date" office:date-value="2026-11-01"/>
<table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="0.3"/>
<table:table-cell office:value-type="string"><text:p>Pão</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document>"""


@pytest.fixture
def readings(tmp_path: Path) -> dict[str, Reading]:
    (tmp_path / "s.csv").write_bytes(csv_file(statement(), "pt-BR"))
    (tmp_path / "s.xlsx").write_bytes(xlsx_file(statement(), "pt-BR"))
    return {
        "api": readers.of_api(json.loads(json.dumps(statement_response(statement())))),
        "csv": readers.read_csv(tmp_path / "s.csv", (FIRST, LAST)),
        "xlsx": readers.read_openpyxl(tmp_path / "s.xlsx", (FIRST, LAST)),
    }


def test_every_reader_finds_the_same(readings: dict[str, Reading]) -> None:
    assert readings["api"].sums == tuple(
        map(Decimal, ("949.75", "1234718.64", "120.05", "1235548.34"))
    )
    assert [list(errors(readings[name], readings["api"])) for name in ("csv", "xlsx")] == [[], []]


def test_differences_are_named(readings: dict[str, Reading]) -> None:
    right = readings["api"]
    assert right.lines is not None and right.roots == {FIRST: SEAL.root}
    later = right.lines[1]._replace(balance=Decimal("1080.51"))
    wrong = right._replace(
        sums=(Decimal(1), *right.sums[1:]),
        days={},
        texts=["?"],
        lines=[right.lines[0], later],
        roots={},
    )
    assert list(errors(wrong, right)) == [
        "the opening balance is 1, and must be 949.75", "3 of 3 days differ", "the texts differ",
        "2 entries, and there must be 5", "entries that differ: 1, the first is number 2",
        "the roots of closed days differ",
    ]  # fmt: skip


def test_rows_of_a_pdf_have_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [
        ("Dia", 44, 60, 5), ("Histórico", 96, 130, 5), ("Entradas", 300, 330, 5),
        ("Saídas", 370, 400, 5), ("Saldo", 460, 480, 5),
        ("01/11/2026", 44, 84, 20), ("12,00", 96, 120, 20), ("5,00", 385, 400, 20),
        ("-1.005,00", 450, 480, 20), ("2,00", 96, 120, 30), ("9,00", 310, 330, 30),
    ]  # fmt: skip
    boxes = "".join(
        f'<word xMin="{left}" xMax="{right}" yMin="{y}" yMax="{y + 8}">{text}</word>'
        for text, left, right, y in words
    )
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><page>{boxes}</page></html>'
    summary = "Saldo inicial   Entradas   Saídas   Saldo final\n-1.000,00  0,00  5,00  -1.005,00\n"
    monkeypatch.setattr(pdf, "output", lambda *words: page if "-bbox" in words else summary)
    result = pdf.read_pdf(Path("s.pdf"), (FIRST, LAST))
    assert result.lines == [(FIRST, Decimal("-5.00"), Decimal("-1005.00"))]


def test_balances_follow_from_movements() -> None:
    movements = [Movement(FIRST, Decimal("5.00")), Movement(LAST, Decimal("-2.00"))]
    result = readers.of_movements(Decimal("10.00"), movements, (FIRST, LAST))
    assert list(result.sums) == [7, 5, 2, 10]
    assert list(result.days.values()) == [12, 12, 10]
    with pytest.raises(ValueError, match="2026-11-03 is not a day"):
        readers.of_movements(Decimal(0), movements, (FIRST, FIRST))


def test_cells_of_libreoffice_have_types(tmp_path: Path) -> None:
    path = tmp_path / "s.xlsx.fods"
    path.write_text(SHEET)
    (row,) = libreoffice.opened(tmp_path / "s.xlsx")["Dias"]
    assert list(row[:5]) == [date(2026, 11, 1), Decimal("0.3"), Decimal("0.3"), "Pão", None]
    path.write_text(SHEET.replace('value="0.3"', 'value="0.3" table:formula="of:=1"'))
    with pytest.raises(ValueError, match="is a formula"):
        libreoffice.opened(tmp_path / "s.xlsx")


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VerificationError) as raised:
        check_installed({"hledger", "ofxdump", "openpyxl"})
    assert str(raised.value) == (
        "hledger, ofxdump must be installed, by `apt install hledger ofx` (Debian, Ubuntu), or "
        "left out by `--without hledger ofxdump`."
    )
    check_installed({"openpyxl"})


def test_year_has_what_it_promises() -> None:
    on_time, late = year()
    listed = [entry for entry in (*on_time, *late) if date(2025, 12, 1) <= entry.day]
    assert len(listed) == 900 and max(entry.day for entry in listed) <= LAST_OF_YEAR
    assert {entry.currency for entry in listed} == {"BRL", "JPY"}
    assert {entry.account for entry in listed} == {"main", "bank", "cash"}
    assert Counter(entry.reverses is not None for entry in late) == {True: 40, False: 40}
