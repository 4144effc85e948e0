"""Amounts: every way to write a sign and a decimal separator, and what is not an amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bank_files.amounts import Decimal, decimal_of, parse_amount
from chalicelib.bank_files.errors import RowError


@pytest.mark.parametrize(
    ("text", "amount_minor"),
    [
        ("", None), (" \u00a0", None), ("0,00", 0), ("5", 500), ("-5.5", -550), (",50", 50),
        ("1.234,56", 123456), ("1,234.56", 123456), ("1.234.567,8", 123456780), ("1.000", 100000),
        ("-3,000", -300000), ("1.234.56", 123456), ("-200,00", -20000), ("+12.80", 1280),
        ("500,00-", -50000), ("\u221210,00", -1000), ("–10,00", -1000), ("- 5,44", -544),
        ("R$\u00a02.000,00", 200000), ("-R$ 10,00", -1000), ("R$ -10,00", -1000),
        ("(1.234,56)", -123456), ("(R$ 30.00)", -3000), ("R$ (30.00)", -3000), ("-(5)", -500),
        ("12,50 D", -1250), ("12,50 C", 1250), ("-12,50D", -1250), ("10,00 BRL", 1000),
        ("9" * 13 + ".99", 999999999999999),
    ],
)  # fmt: skip
def test_amount_is_read_with_its_sign(text: str, amount_minor: int | None) -> None:
    assert parse_amount(text, "BRL") == amount_minor


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (".", "the amount “.” is not a number"),
        ("abc", "the amount “abc” is not a number"),
        ("1e5", "the amount “1e5” is not a number"),
        ("1,23.4,5", "the amount “1,23.4,5” is not a number"),
        ("12345.678", "the amount “12345.678” is not a number"),
        ("1.2345", "the amount “1.2345” is not a number"),
        ("US$ 10,00", "the amount “US$ 10,00” is not in BRL"),
        ("10.00 USD", "the amount “10.00 USD” is not in BRL"),
        ("9" * 14 + ".99", "the amount “99999999999999.99” has more than 15 digits"),
        ("1" * 50, f"the amount “{'1' * 40}…” is not a number"),
        ("١٢,٥٠", "the amount “١٢,٥٠” is not a number"),
    ],
)
def test_reason_quotes_the_wrong_amount(text: str, reason: str) -> None:
    with pytest.raises(RowError) as raised:
        parse_amount(text, "BRL")
    assert str(raised.value) == reason


@pytest.mark.parametrize(
    ("text", "currency", "amount_minor"),
    [("1500.00", "JPY", 1500), ("1.234", "KWD", 1234), ("1.5", "KWD", 1500), ("$5", "USD", 500)],
)
def test_currency_has_its_own_decimals(text: str, currency: str, amount_minor: int) -> None:
    assert parse_amount(text, currency) == amount_minor


def test_amount_has_at_most_the_currencys_decimals() -> None:
    with pytest.raises(RowError, match="has more decimals than JPY"):
        parse_amount("1500.5", "JPY")


@pytest.mark.parametrize(
    ("amounts", "decimal"),
    [
        (["1.000", "2,50"], ","), (["1,000", "-2.5"], "."), (["1.000", "7"], None),
        (["10.00", "10,00"], ","), (["3,50 D", "(1,00)", "1.00-"], ","), ([], None),
    ],
)  # fmt: skip
def test_file_shows_its_decimal_separator(amounts: list[str], decimal: Decimal | None) -> None:
    assert decimal_of(amounts) == decimal


def test_thousands_are_not_taken_for_decimals() -> None:
    assert parse_amount("1.000", "BRL", ",") == 100000
    with pytest.raises(RowError, match="is unclear: write it with two decimals"):
        parse_amount("1.000", "BRL", ".")


@pytest.mark.parametrize("text", ["-0.500", "-0.125", "0,500", "00.125", "R$ 0.001,00"])
@pytest.mark.parametrize("decimal", [None, ".", ","])
def test_zero_is_no_group_of_thousands(text: str, decimal: Decimal | None) -> None:
    with pytest.raises(RowError) as raised:
        parse_amount(text, "BRL", decimal)
    assert str(raised.value) == f"the amount “{text}” is unclear: write it with two decimals"


@pytest.mark.parametrize("text", ["0.000", "0,000", "0.000,00", "000"])
def test_zeros_in_groups_are_zero(text: str) -> None:
    assert parse_amount(text, "BRL") == 0


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.sampled_from([(".", ","), (",", ".")]))
def test_written_amount_reads_back(amount_minor: int, signs: tuple[str, str]) -> None:
    thousands, decimal = signs
    text = f"{amount_minor // 100 if amount_minor > 0 else -amount_minor // 100:,}"
    sign = "-" if amount_minor < 0 else ""
    written = f"{sign}{text.replace(',', thousands)}{decimal}{abs(amount_minor) % 100:02}"
    assert parse_amount(written, "BRL") == amount_minor


@given(st.text(max_size=30), st.sampled_from([None, ".", ","]))
def test_any_text_is_read_or_refused(text: str, decimal: Decimal | None) -> None:
    try:
        assert abs(parse_amount(text, "BRL", decimal) or 0) < 10**15
    except RowError as error:
        assert str(error).startswith("the amount “")
