"""Rows of card statements: each has its sign by its type and text, whichever rows are beside it."""

import pytest

from chalicelib.bank_files.bank_file import BankStatement
from chalicelib.bank_files.ofx import read_ofx
from tests.bank_files.examples import CALENDAR, ofx, transaction


def statements(text: str) -> list[BankStatement]:
    return read_ofx(text, CALENDAR)


def card(rows: str) -> str:
    """Return a card's statement of rows such as `DEBIT 100.00 Loja`, one a line."""
    return ofx("".join(map(card_transaction, rows.split("\n")))).replace("<STMTRS>", "<CCSTMTRS>")


def card_transaction(row: str) -> str:
    kind, amount, memo = row.split(" ", 2)
    return transaction("20261001", amount, "7", memo).replace("OTHER", kind)


@pytest.mark.parametrize(
    ("row", "amount_minor"),
    [
        ("DEBIT -100.00 Loja", -10000),
        ("DEBIT 100.00 Loja", -10000),
        ("DEBIT \u2212100.00 Loja", -10000),
        ("DEBIT (100.00) Loja", -10000),
        ("DEBIT 100,00- Loja", -10000),
        ("CREDIT 80.00 Pix", 8000),
        ("CREDIT -80.00 Pix", 8000),
        ("CREDIT (80.00) Pix", 8000),
        ("POS 100.00 Loja", -10000),
        ("FEE 9.90 Anuidade", -990),
        ("DEBIT -30.00 Estorno de Loja", 3000),
        ("DEBIT 30.00 ESTORNO LOJA", 3000),
        ("OTHER -30.00 Devolução Loja", 3000),
        ("DEBIT 30.00 Estorno de pagamento", -3000),
        ("DEBIT -80.00 Pagamento recebido", 8000),
        ("PAYMENT -80.00 Pagamento", 8000),
        ("PAYMENT -80.00 PAGTO DEBITO AUTOMATICO", 8000),
        ("PAYMENT 80.00 PAYMENT RECEIVED - THANK YOU", 8000),
        ("PAYMENT -50.00 COMPRA MERCADO", -5000),
        ("PAYMENT -50.00 Pagamento de boleto", -5000),
        ("DEBIT 50.00 PAGAMENTO SEGURO", -5000),
        ("OTHER -5.00 Loja", -500),
        ("XFER 5.00 Loja", 500),
        ("CREDIT -0.00 Loja", 0),
    ],
)
def test_purchases_on_a_card_are_money_out(row: str, amount_minor: int) -> None:
    (statement,) = statements(card(row))
    assert [each.amount_minor for each in statement.rows] == [amount_minor]


@pytest.mark.parametrize(
    ("rows", "amounts"),
    [
        (["DEBIT 100.00 Loja", "CREDIT -80.00 Pix"], [-10000, 8000]),
        (["DEBIT \u2212100.00 Loja", "CREDIT 80.00 Pix"], [-10000, 8000]),
        (
            ["DEBIT 100.00 Loja", "DEBIT -30.00 Estorno de Loja", "CREDIT -80.00 Pix"],
            [-10000, 3000, 8000],
        ),
        (["POS 100.00 Loja", "CREDIT -80.00 Pix"], [-10000, 8000]),
    ],
)
def test_card_row_is_the_same_in_every_piece(rows: list[str], amounts: list[int]) -> None:
    (whole,) = statements(card("\n".join(rows)))
    pieces = [statements(card(row))[0].rows[0] for row in rows]
    assert [row.amount_minor for row in whole.rows] == amounts
    assert [row.amount_minor for row in pieces] == amounts
