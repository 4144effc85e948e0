"""CSV and TSV: every rule of reading in a small file, errors that name columns, generated files."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bank_files.bank_file import BankFile, BankStatement
from chalicelib.bank_files.csv_layout import ColumnMapping
from chalicelib.bank_files.errors import BankFileError
from chalicelib.bank_files.reader import read
from tests.bank_files.examples import CALENDAR, Movement, brief, movements, movements_of

MAPPING = ColumnMapping(
    day="Dia", description=("Texto", "Nota"), amount="Valor", balance="Saldo", bank_id="Id"
)
SIGNS = {"amount": "V", "sign_column": "T", "debit_signs": ("D",)}
HEADER = "Dia;Texto;Nota;Valor;Saldo;Id"


def read_text(text: str, preset: str | None = None, **changes: Any) -> BankFile:
    fields = {name: getattr(MAPPING, name) for name in MAPPING.__slots__} | changes
    mapping = None if preset else ColumnMapping(**fields)
    return read(text.encode("cp1252"), CALENDAR, preset, mapping)


def only(bank_file: BankFile) -> BankStatement:
    (statement,) = bank_file.statements
    return statement


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("05/10/2026;PIX;Ana;-1,50;;7", ("created", -150, "PIX Ana", None)),
        ("05/10/2026; PIX ;pix;1.000;;", ("created", 100000, "PIX", None)),
        ("05/10/2026;Saldo Anterior;;;1,00;", ("information", None, "Saldo Anterior", "balance")),
        (";SALDO DO DIA;;5,00;;", ("information", None, "SALDO DO DIA", "balance")),
        (
            "05/10/2026;*** SALDO DO DIA ***;;5,00;;",
            ("information", None, "*** SALDO DO DIA ***", "balance"),
        ),
        (
            "05/10/2026;000000 SALDO DIA;;;1,00;",
            ("information", None, "000000 SALDO DIA", "balance"),
        ),
        ("05/10/2026;SALDO DEVEDOR PAGTO;;-5,00;;", ("created", -500, "SALDO DEVEDOR PAGTO", None)),
        ("05/10/2026;PAGTO SALDO FATURA;;-5,00;;", ("created", -500, "PAGTO SALDO FATURA", None)),
        (
            "05/10/2026;SALDO DEVEDOR PAGTO;;;;",
            ("information", None, "SALDO DEVEDOR PAGTO", "balance"),
        ),
        (
            "05/10/2026;SALDO DEVEDOR PAGTO;;x;;",
            ("refused", None, "SALDO DEVEDOR PAGTO", "the amount “x” is not a number"),
        ),
        ("05/10/2026;SALDOTTI;;5,00;;", ("created", 500, "SALDOTTI", None)),
        ("Total;;;9,99;9,99;", ("information", None, "Total", "total")),
        (";Total de saídas;;9,99;;", ("information", None, "Total de saídas", "total")),
        ("05/10/2026;TOTAL EXPRESS;;5,00;;", ("created", 500, "TOTAL EXPRESS", None)),
        (
            "dia;texto;nota;valor;saldo;id",
            ("information", None, "dia texto nota valor saldo id", "header again"),
        ),
        (
            "Base de 07/10/2026 às 10h.;;;;;",
            ("information", None, "Base de 07/10/2026 às 10h.", "footer"),
        ),
        (";LIMITE DA CONTA;;15.500,00;;", ("refused", 1550000, "LIMITE DA CONTA", "it has no day")),
        ("00/00/0000;PIX;;5,00;;", ("refused", 500, "PIX", "it has no day")),
        ("32/13/2026;PIX;;5,00;;", ("refused", 500, "PIX", "the day “32/13/2026” does not exist")),
        ("05/10/2026;PIX;;;;", ("refused", None, "PIX", "it has no amount")),
        ("05/10/2026;PIX;;0,00;;", ("refused", 0, "PIX", "the amount is zero")),
        ("05/10/2026;PIX;;x;;", ("refused", None, "PIX", "the amount “x” is not a number")),
        (
            "30/11/2026;PIX;;5,00;;",
            (
                "refused",
                500,
                "PIX",
                "the day is in the future; it may be imported from 2026-11-30 on",
            ),
        ),
        (
            "05/10/2026;PIX;a;b;5,00;;7",
            ("refused", None, "PIX a", "it has 7 cells, the header has 6"),
        ),
    ],
)
def test_record_has_one_outcome(
    row: str, expected: tuple[str, int | None, str, str | None]
) -> None:
    assert [brief(row) for row in only(read_text(f"{HEADER}\n{row}\n;;\n")).rows] == [expected]


@pytest.mark.parametrize(
    ("header", "row", "changes", "amount_minor"),
    [
        ("Dia;Texto;E;S", "05/10/2026;x;5,00; ", {"credit": "E", "debit": "S"}, 500),
        ("Dia;Texto;E;S", "05/10/2026;x;0,00;5,00", {"credit": "E", "debit": "S"}, -500),
        ("Dia;Texto;E;S", "05/10/2026;x;;-5,00", {"credit": "E", "debit": "S"}, -500),
        ("Dia;Texto;V;T", "05/10/2026;x;5,00;d", SIGNS, -500),
        ("Dia;Texto;V;T", "05/10/2026;x;-5,00;D", SIGNS, -500),
        ("Dia;Texto;V;T", "05/10/2026;x;5,00;C", SIGNS, 500),
        ("Dia;Texto;V", "05/10/2026;x;5,00", {"amount": "V", "turn_signs": True}, -500),
        ("Dia;Texto;V", "05/10/2026;x;US$ 5.00", {"amount": "V", "currency": "USD"}, 500),
    ],
)
def test_mapping_decides_the_sign(
    header: str, row: str, changes: dict[str, Any], amount_minor: int
) -> None:
    plain = {"description": ("Texto",), "amount": None, "balance": None, "bank_id": None}
    (read_row,) = only(read_text(f"{header}\n{row}", **plain | changes)).rows
    assert (read_row.outcome, read_row.amount_minor) == ("created", amount_minor)


def test_amounts_in_both_columns_are_refused() -> None:
    text = "Dia;Texto;E;S\n05/10/2026;x;1,00;2,00"
    mapping = ColumnMapping(day="Dia", description=("Texto",), credit="E", debit="S")
    (row,) = only(read(text.encode(), CALENDAR, mapping=mapping)).rows
    assert row.reason == "it has an amount in both columns, for money in and for money out"


def test_rows_are_skipped_by_a_columns_value() -> None:
    text = f"{HEADER};Situação\n05/10/2026;x;;1,00;;;cancelado\n05/10/2026;x;;2,00;;;Pago"
    rows = only(read_text(text, skip=(("Situação", ("Cancelado",)),))).rows
    assert [(row.outcome, row.reason) for row in rows] == [
        ("refused", "Situação is “cancelado”"),
        ("created", None),
    ]


def test_inch_marks_join_no_rows() -> None:
    text = f'{HEADER}\n01/10/2026;"Cano 3;;-10,00;;\n02/10/2026;TV 50";;-5,00;;\n'
    text += '03/10/2026;"PIX\nANA";;-1,00;;\n'
    assert [brief(row) for row in only(read_text(text)).rows] == [
        ("created", -1000, '"Cano 3', None),
        ("created", -500, 'TV 50"', None),
        ("created", -100, "PIX ANA", None),
    ]


def test_points_alone_never_scale_an_amount() -> None:
    rows = only(read_text(f"{HEADER}\n05/10/2026;x;;1.000\n05/10/2026;y;;0.500")).rows
    assert [brief(row) for row in rows] == [
        ("created", 100000, "x", None),
        ("refused", None, "y", "the amount “0.500” is unclear: write it with two decimals"),
    ]


def test_month_comes_first_only_by_mapping() -> None:
    whole = f"{HEADER}\n02/01/2026;x;;1,00\n02/13/2026;x;;2,00\n02/02/2026;x;;3,00"
    rows = only(read_text(whole)).rows
    unclear = 'seems to have its month first, as others of the file: send a mapping with "dates": '
    assert [(row.day, row.reason) for row in rows] == [
        (None, f'the day “02/01/2026” {unclear}"month-first"'),
        (None, f'the day “02/13/2026” {unclear}"month-first"'),
        (date(2026, 2, 2), None),
    ]
    rows = only(read_text(whole, dates="month-first")).rows
    assert [row.day for row in rows] == [date(2026, 2, day) for day in (1, 13, 2)]
    (row,) = only(read_text(f"{HEADER}\n02/01/2026;x;;1,00", dates="month-first")).rows
    assert row.day == date(2026, 2, 1)


def test_tabs_lines_above_and_account_are_recognized() -> None:
    text = f"Extrato\nAg: 999 | Conta: 12345-6 | 1 a 31\n\n{HEADER}\n05/10/2026;x;;1,00"
    bank_file = read_text(text.replace(";", "\t"))
    assert (bank_file.format, only(bank_file).number) == ("tsv", "999/12345-6")
    assert [(row.row, row.line) for row in only(bank_file).rows] == [(1, 5)]


@pytest.mark.parametrize(
    ("rows", "outcomes", "balances"),
    [
        (["-2,00;8,00", "-2,00;6,00"], ["created"] * 2, (1000, 600)),
        (
            ["-2,00;8,00", "-2,00;6,00", "-2,00;6,00"],
            ["created", "created", "duplicate"],
            (1000, 600),
        ),
        (["-1,00;9,00", "1,00;10,00", "-1,00;9,00"], ["created"] * 3, (1000, 900)),
        (
            ["1,00;10,00", "-2,00;9,00", "1,00;10,00", "-2,00;9,00"],
            ["created", "created", "duplicate", "duplicate"],
            (1100, 1000),
        ),
        (
            ["-1,00;9,00", "1,00;10,00", "-1,00;9,00", "-1,00;9,00", "1,00;10,00"],
            ["created", "created", "created", "duplicate", "duplicate"],
            (1000, 900),
        ),
        (["-2,00;6,00", "-2,00;6,00", "1,00;7,00"], ["created"] * 3, (800, 700)),
        (["1,00;7,00", "-2,00;6,00", "-2,00;6,00"], ["created"] * 3, (800, 700)),
        (["-2,00;6,00", "-2,00;6,00"], ["created"] * 2, (800, 600)),
        (["-2,00;5,00", "-1,00;6,00", "-1,00;6,00"], ["created"] * 3, (700, 600)),
    ],
    ids=[
        *("two", "printed twice", "back again", "newest first", "section", "first day", "last day"),
        *("only day", "not running"),
    ],
)
def test_reprints_are_known_by_running_balances(
    rows: list[str], outcomes: list[str], balances: tuple[int, int]
) -> None:
    statement = only(read_text("\n".join([HEADER, *[f"05/10/2026;x;;{row};7" for row in rows]])))
    assert [row.outcome for row in statement.rows] == outcomes
    assert (statement.opening_minor, statement.closing_minor) == balances


def test_newest_row_first_ends_with_the_opening() -> None:
    rows = "06/10/2026;b;;-1,00;4,00\n05/10/2026;a;;3,00;5,00\n04/10/2026;SALDO;;;2,00"
    statement = only(read_text(f"{HEADER}\n{rows}"))
    assert (statement.opening_minor, statement.closing_minor) == (200, 400)
    assert (statement.closing_day, statement.first) == (date(2026, 10, 6), date(2026, 10, 4))


@pytest.mark.parametrize("name", ["SALDO ANTERIOR", "S A L D O  A N T E R I O R", "Saldo Inicial"])
def test_opening_balance_alone_is_no_closing(name: str) -> None:
    rows = f"05/10/2026;{name};;;9,00\n05/10/2026;a;;-2,00;"
    statement = only(read_text(f"{HEADER}\n{rows}"))
    assert (statement.opening_minor, statement.closing_minor) == (900, None)
    closed = only(read_text(f"{HEADER}\n{rows}\n05/10/2026;SALDO DO DIA;;;7,00"))
    assert (closed.opening_minor, closed.closing_minor) == (900, 700)


@pytest.mark.parametrize(
    ("text", "preset", "message"),
    [
        (
            "a;b\n1;2",
            None,
            "The columns of this table are “a”, “b”: expected were the columns “Dia”",
        ),
        (
            "a,b\n1,2",
            "nubank-card",
            "“a”, “b”: expected were the columns “date” “title” “amount” or “date”",
        ),
        (
            "a,b\n1,2",
            "nubank",
            "There is no preset “nubank”; the presets are nubank-account, inter",
        ),
        (f"{HEADER}\n;;\n", None, "The file has no rows"),
    ],
)
def test_error_names_the_columns(text: str, preset: str | None, message: str) -> None:
    with pytest.raises(BankFileError) as raised:
        read_text(text, preset)
    assert message in raised.value.detail


def test_table_without_preset_names_its_columns() -> None:
    with pytest.raises(BankFileError, match="“Dia”, “Valor”: no preset has this header; send a"):
        read(b"Extrato\n\nDia\tValor\n1\t2\n", CALENDAR)


def test_table_without_header_names_its_preset() -> None:
    with pytest.raises(
        BankFileError,
        match="no header; if it is a file that the preset itau-account reads, send that preset",
    ):
        read(b"05/10/2026;PIX;-1,00\n06/10/2026;PIX;-2,00\n", CALENDAR)


def test_currency_of_a_mapping_must_exist() -> None:
    with pytest.raises(BankFileError, match="currency “XXX” is not one of ISO 4217"):
        read_text(f"{HEADER}\n05/10/2026;x;;1,00", currency="XXX")


@given(movements, st.sampled_from(";,\t|"), st.sampled_from(["{}", "R$ {}"]))
def test_generated_file_reads_back(rows: list[Movement], delimiter: str, amount: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["Dia", "Texto", "Nota", "Valor", "Saldo", "Id"])
    for row in rows:
        written = amount.format(row.decimal.replace(".", ","))
        writer.writerow([f"{row.day:%d/%m/%Y}", row.text, "", written, "", row.bank_id])
    content = text.getvalue().encode()
    statement = only(read(content, CALENDAR, mapping=MAPPING))
    assert movements_of(statement) == rows


@given(st.lists(st.text('05/102026;,"\n -RTotalSALDO', max_size=25), max_size=12))
def test_no_record_is_dropped(lines: list[str]) -> None:
    text = "\n".join([HEADER, "05/10/2026;x;;1,00", *lines])
    bank_file = read_text(text)
    rows = [row for statement in bank_file.statements for row in statement.rows]
    assert [row.row for row in rows] == list(range(1, len(rows) + 1))
    assert sum(bank_file.counts.values()) == len(rows)
    assert {row.line for row in rows} <= set(range(2, text.count("\n") + 2))
