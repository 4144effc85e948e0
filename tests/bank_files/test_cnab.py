"""CNAB 240, segment E: positions, several accounts, other services, and generated files."""

from datetime import date

import pytest
from hypothesis import given

from chalicelib.bank_files.bank_file import BankStatement
from chalicelib.bank_files.cnab import is_cnab
from chalicelib.bank_files.errors import BankFileError
from chalicelib.bank_files.reader import read
from tests.bank_files.examples import CALENDAR, Movement, brief, movements, movements_of
from verification.kit.cnab_records import detail, file_of, header, trailer


def statements(*records: str, line_break: str = "\r\n") -> list[BankStatement]:
    bank_file = read(file_of(*records, line_break=line_break), CALENDAR)
    assert bank_file.format == "cnab-240"
    return list(bank_file.statements)


@pytest.mark.parametrize("line_break", ["\r\n", "\n", ""])
def test_positions_are_those_of_segment_e(line_break: str) -> None:
    (statement,) = statements(header(), detail(), trailer(), line_break=line_break)
    assert (statement.number, statement.currency) == ("00123-4/000000056789-0", "BRL")
    assert (statement.opening_minor, statement.closing_minor) == (100000, 125050)
    assert (statement.closing_day, statement.sum_minor) == (date(2026, 10, 6), 25050)
    (row,) = statement.rows
    assert (row.row, row.line, row.day, row.bank_id) == (1, 3, date(2026, 10, 5), "00001234")


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (detail(sign="D"), ("created", -25050, "PIX RECEBIDO", None)),
        (detail(text="SALDO ANTERIOR"), ("information", None, "SALDO ANTERIOR", "balance")),
        (detail(segment="A")[:17] + "X", ("information", None, "X", "segment “A”")),
        (detail(day="00000000"), ("refused", 25050, "PIX RECEBIDO", "it has no day")),
        (detail(amount="0" * 18), ("refused", 0, "PIX RECEBIDO", "the amount is zero")),
        (detail(amount=" " * 18), ("refused", None, "PIX RECEBIDO", "it has no amount")),
        (
            detail(sign="X"),
            ("refused", None, "PIX RECEBIDO", "the amount is neither D nor C, but “X”"),
        ),
        (
            detail(amount="9" * 18),
            (
                "refused",
                None,
                "PIX RECEBIDO",
                f"the amount “{'9' * 18}” is not a number of up to 15 digits",
            ),
        ),
    ],
)
def test_detail_has_one_outcome(
    record: str, expected: tuple[str, int | None, str, str | None]
) -> None:
    (statement,) = statements(header(), record, trailer())
    assert [brief(row) for row in statement.rows] == [expected]


def test_every_batch_is_a_statement() -> None:
    itau = "006799000027267110 9"  # the check digit of the account is the last character
    read_statements = statements(
        *(header(), detail(), trailer("000000000000000100D")),
        *(header(service="C"), detail(segment="A"), trailer()),
        *(header(account=itau), detail(), detail()),
    )
    assert [(each.number, len(each.rows)) for each in read_statements] == [
        ("00123-4/000000056789-0", 2),
        ("00679-9/000027267110-9", 2),
    ]
    assert [each.closing_minor for each in read_statements] == [-100, None]


def test_other_services_are_not_read() -> None:
    with pytest.raises(BankFileError, match="is of another service; export the “extrato para"):
        statements(header(service="C"), detail(segment="T"), trailer())


def test_other_texts_are_not_cnab() -> None:
    assert not any(map(is_cnab, ["", "99900000", "02RETORNO" + " " * 391, "Data;Valor\n"]))


@given(movements)
def test_generated_file_reads_back(rows: list[Movement]) -> None:
    details = [
        detail(
            f"{row.day:%d%m%Y}",
            f"{abs(row.amount_minor):018}",
            "D" if row.amount_minor < 0 else "C",
            text=row.text.encode("ascii", "ignore").decode(),
            bank_id=row.bank_id,
        )
        for row in rows
    ]
    (statement,) = statements(header(), *details, trailer())
    expected = [
        row._replace(text=" ".join(row.text.encode("ascii", "ignore").decode()[:25].split()))
        for row in rows
    ]
    assert movements_of(statement) == expected
