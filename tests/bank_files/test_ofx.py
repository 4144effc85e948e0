"""OFX as banks write it: every rule of reading in a small file, and generated statements."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bank_files.bank_file import BankStatement
from chalicelib.bank_files.ofx import read_ofx
from tests.bank_files.examples import (
    CALENDAR,
    Movement,
    brief,
    movements,
    movements_of,
    ofx,
    ofx_of,
    transaction,
)
from tests.statements.examples import ENTRIES, TEXTS, sale
from tests.statements.examples import statement as own_statement


def statements(text: str) -> list[BankStatement]:
    return read_ofx(text, CALENDAR)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (transaction("20261005", "-1,50", "7"), ("created", -150, "PIX", None)),
        (transaction("20261129", "5"), ("created", 500, "PIX", None)),
        (
            transaction("20261005", "-1.50", "", "", "<NAME>LOJA"),
            ("created", -150, "LOJA", None),
        ),
        (
            transaction("20261005", "5", "7", "RECEBIDO", "<NAME>PIX"),
            ("created", 500, "PIX RECEBIDO", None),
        ),
        (
            transaction("20261005", "5", "7", "PIX RECEBIDO: MARIA", "<NAME>Pix recebido"),
            ("created", 500, "PIX RECEBIDO: MARIA", None),
        ),
        (
            transaction("20261005", "5", "7", "TARIFAS DO MES", "<NAME>TARIFA"),
            ("created", 500, "TARIFA TARIFAS DO MES", None),
        ),
        (
            transaction("20261005", "5", "7", "PIX", "<PAYEE>PIX</PAYEE>"),
            ("created", 500, "PIX", None),
        ),
        (
            transaction("20261005", "5", "7", "A&B &lt;x&gt; &amp;amp; &#233;<BR/>C <Centro>"),
            ("created", 500, "A&B <x> &amp; é C <Centro>", None),
        ),
        (
            transaction("20261005", "5", "7", "<![CDATA[Loja & Cia <A> &amp;]]>"),
            ("created", 500, "Loja & Cia <A> &amp;", None),
        ),
        (
            transaction("20261005", "5", "7", "PIX<SIC>5411<FOO>x</FOO><!-- <MEMO>no -->"),
            ("created", 500, "PIX", None),
        ),
        (
            transaction("20261005", "5", "7", "PIX", "<BANKACCTTO><ACCTID>9<NAME>X</BANKACCTTO>"),
            ("created", 500, "PIX", None),
        ),
        (
            transaction("20261005", "1500.00", "0", " S A L D O"),
            ("information", None, "S A L D O", "balance"),
        ),
        (
            transaction("20261005", "950.00", "", "SDO CTA/APL AUTOMATICAS"),
            ("information", None, "SDO CTA/APL AUTOMATICAS", "balance"),
        ),
        (
            transaction("20261005", "950.00", "", "000000 SALDO DIA"),
            ("information", None, "000000 SALDO DIA", "balance"),
        ),
        (
            transaction("20261005", "-950.00", "", "SALDO DEVEDOR PAGTO"),
            ("created", -95000, "SALDO DEVEDOR PAGTO", None),
        ),
        (
            transaction("20261005", " . ", "0", "SALDO DIA"),
            ("information", None, "SALDO DIA", "balance"),
        ),
        (
            transaction("20261005", ".", "1"),
            ("refused", None, "PIX", "the amount “.” is not a number"),
        ),
        (
            transaction("20261005", "-0.500"),
            (
                "refused",
                None,
                "PIX",
                "the amount “-0.500” is unclear: write it with two decimals",
            ),
        ),
        (transaction("20261005", "0.00"), ("refused", 0, "PIX", "the amount is zero")),
        (transaction("20261005", ""), ("refused", None, "PIX", "it has no amount")),
        (transaction("00000000", "5"), ("refused", 500, "PIX", "it has no day")),
        (
            transaction("20261130", "5"),
            (
                "refused",
                500,
                "PIX",
                "the day is in the future; it may be imported from 2026-11-30 on",
            ),
        ),
        (
            transaction("20261005", "5", "7", "PIX", "<CURRENCY><CURSYM>USD</CURRENCY>"),
            ("refused", None, "PIX", "the amount is in “USD”, the statement in BRL"),
        ),
    ],
)
def test_transaction_has_one_outcome(
    row: str, expected: tuple[str, int | None, str, str | None]
) -> None:
    (statement,) = statements(ofx(row))
    assert [brief(row) for row in statement.rows] == [expected]


@pytest.mark.parametrize(
    ("memos", "expected"),
    [
        (
            ["<![CDATA[COMPRA LOJA", "<![CDATA[OUTRA]]>", "FIM"],
            ["<![CDATA[COMPRA LOJA", "OUTRA", "FIM"],
        ),
        (["A <!-- B", "OUTRA", "C --> FIM"], ["A <!-- B", "OUTRA", "C --> FIM"]),
        (["A <? B", "OUTRA", "C ?> FIM"], ["A <? B", "OUTRA", "C ?> FIM"]),
        (["A <!-- B -->", "<![CDATA[]]>", "<![CDATA[X"], ["A", "", "<![CDATA[X"]),
        (["<![CDATA[LOJA<CHECKNUM>7", "<![CDATA[A]] > B]]>"], ["<![CDATA[LOJA", "A]] > B"]),
    ],
)
@pytest.mark.parametrize("in_capitals", [True, False])
def test_text_cut_off_takes_no_other_row(
    memos: list[str], expected: list[str], *, in_capitals: bool
) -> None:
    rows = [transaction("20261001", f"-{at}.00", "7", memo) for at, memo in enumerate(memos, 1)]
    text = ofx("".join(rows), balance="<LEDGERBAL><BALAMT>9.00<DTASOF>20261002</LEDGERBAL>")
    if not in_capitals:
        for name in ("OFX", "STMTTRN", "STMTRS", "BANKTRANLIST", "TRNTYPE", "CHECKNUM", "MEMO"):
            text = text.replace(f"{name}>", f"{name.lower()}>")
    (statement,) = statements(text)
    assert [(row.amount_minor, row.description) for row in statement.rows] == [
        (-100 * at, description) for at, description in enumerate(expected, 1)
    ]
    assert statement.closing_minor == 900


def test_text_cut_off_takes_no_statement() -> None:
    cut = ofx(transaction("20261001", "-1.00", "7", "<![CDATA[COMPRA"), "11/1")
    text = cut + ofx(transaction("20261002", "-2.00", "8", "<![CDATA[OUTRA]]>"), "22/2")
    assert [(each.number, each.sum_minor) for each in statements(text)] == [
        ("11/1", -100),
        ("22/2", -200),
    ]


def test_repeated_bank_id_loses_no_row() -> None:
    rows = "".join(transaction("20261002", f"-{amount}.00", "9") for amount in (1, 2, 2))
    (statement,) = statements(ofx(rows, balance="<LEDGERBAL><BALAMT>5,00<DTASOF>20261005"))
    assert [(row.row, row.line, row.amount_minor, row.bank_id) for row in statement.rows] == [
        (1, 6, -100, "9"),
        (2, 7, -200, "9"),
        (3, 8, -200, "9"),
    ]
    assert (statement.opening_minor, statement.closing_minor) == (1000, 500)
    assert (statement.closing_day, statement.first) == (date(2026, 10, 5), date(2026, 10, 2))


def test_only_created_rows_count_in_the_opening() -> None:
    rows = transaction("20261002", "10.00") + transaction("20261202", "7.00")
    rows += transaction("20261003", "99.00", "", "SALDO DIA")
    (statement,) = statements(ofx(rows, balance="<LEDGERBAL><BALAMT>30.00<DTASOF>00000000"))
    assert (statement.opening_minor, statement.sum_minor) == (2000, 1000)
    assert statement.rows[2].balance_minor == 9900
    assert statement.closing_day == date(2026, 10, 3)


def test_every_statement_of_joined_files_is_read() -> None:
    text = ofx(transaction("20261001", "1"), "11/1") + ofx(transaction("20261002", "2"), "22/2")
    text += ofx("", "33/3").replace("STMTRS>", "CCSTMTRS>", 1)
    read = statements(text)
    assert [(each.number, each.sum_minor) for each in read] == [
        ("11/1", 100),
        ("22/2", 200),
        ("33/3", 0),
    ]
    assert [row.row for each in read for row in each.rows] == [1, 2]


def test_missing_end_tags_end_nothing_else() -> None:
    text = ofx(
        transaction("20261001", "1") * 2, balance="<LEDGERBAL><BALAMT>2.00<AVAILBAL><BALAMT>9"
    )
    broken = text.replace("</STMTTRN>", "").replace("</BANKTRANLIST>", "").replace("</STMTRS>", "")
    (statement,) = statements(broken)
    assert [row.amount_minor for row in statement.rows] == [100, 100]
    assert (statement.number, statement.closing_minor) == ("1", 200)


def test_original_currency_is_kept_beside_the_amount() -> None:
    currency = "<ORIGCURRENCY><CURRATE>5.61<CURSYM>USD</ORIGCURRENCY>"
    (statement,) = statements(ofx(transaction("20261001", "-5.61", more=currency)))
    assert [(row.outcome, row.foreign) for row in statement.rows] == [("created", "USD at 5.61")]


def test_unknown_currency_refuses_the_rows() -> None:
    (statement,) = statements(ofx(transaction("20261001", "5")).replace("BRL", "XXX"))
    assert statement.rows[0].reason == "the currency “XXX” is not one of ISO 4217"


def test_currency_may_come_after_the_account() -> None:
    text = ofx(transaction("20261001", "5")).replace("<CURDEF>BRL", "")
    (statement,) = statements(text.replace("</BANKACCTFROM>", "</BANKACCTFROM><CURDEF>USD"))
    assert (statement.currency, statement.number) == ("USD", "1")


def test_own_statement_reads_back() -> None:
    from chalicelib.statements.ofx_file import ofx_file

    text = "Fornecedor de farinha de trigo, ovos e fermento"
    long = sale(0, 1, account="bank")._replace(description=text)
    written = own_statement("bank", [long, *ENTRIES[1:3]])
    (statement,) = statements(ofx_file(written, "pt-BR").decode())
    assert (statement.number, statement.closing_minor) == ("bank", written.closing_minor)
    assert [row.bank_id for row in statement.rows] == [
        line.entry.entry_id for line in written.entries
    ]
    assert statement.opening_minor == written.opening_minor
    assert [row.description for row in statement.rows] == [text, *TEXTS[1:3]]


@given(movements, st.sampled_from(["\n", ""]))
def test_generated_statement_reads_back(rows: list[Movement], line_break: str) -> None:
    (statement,) = statements(ofx_of(rows).replace("\n", line_break))
    assert movements_of(statement) == rows


@given(movements, st.data())
def test_damaged_statement_loses_no_row(rows: list[Movement], drawn: st.DataObject) -> None:
    text = ofx_of(rows)
    cut = drawn.draw(st.integers(0, len(text)))
    damaged = text[:cut] + drawn.draw(st.text("<>&!?/[]-\x00OFX", max_size=6)) + text[cut + 1 :]
    read = statements(damaged)
    # One tag may be lost, or an end tag become a start tag.
    assert abs(sum(len(each.rows) for each in read) - len(rows)) <= 1
