"""Money: decimal strings with exactly the digits of the currency, and no other texts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.currencies import MINOR_DIGITS
from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.money import format_amount, parse_amount
from verification.kit.strategies import amounts, currencies

NUMERIC = st.from_regex(r"\A[-+]?[0-9_, ]{0,17}(\.[0-9]{0,5})?([eE][0-9]{1,3})?\Z")


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        *((15075, "BRL", "150.75"), (1, "BRL", "0.01"), (0, "BRL", "0.00"), (-1, "BRL", "-0.01")),
        *((1500, "JPY", "1500"), (-7, "JPY", "-7"), (1250, "BHD", "1.250"), (5, "BHD", "0.005")),
    ],
)
def test_amount_has_the_digits_of_its_currency(amount_minor: int, currency: str, text: str) -> None:
    assert format_amount(amount_minor, currency) == text
    if amount_minor > 0:
        assert parse_amount(text, currency) == amount_minor


@given(amounts, currencies)
def test_formatted_amount_is_parsed_back(amount_minor: int, currency: str) -> None:
    assert parse_amount(format_amount(amount_minor, currency), currency) == amount_minor


@given(st.text(max_size=20) | NUMERIC, currencies)
def test_parsed_text_is_formatted_back(text: str, currency: str) -> None:
    try:
        amount_minor = parse_amount(text, currency)
    except ValidationError as error:
        assert [field_error.field for field_error in error.field_errors] == ["amount"]
    else:
        assert format_amount(amount_minor, currency) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "0", "0.00", "-1.00", "+1.00", "+1", "01.00", "00.10", " 1.00", "1.00 "),
        *("1", "1.", ".50", "1.0", "1.000", "1,00", "1.000,00", "1,000.00", "1_000.00", "1_000"),
        *("1e2", "1e400", "1E+1000000", "1.00e0", "NaN", "nan", "Infinity", "-Infinity", "inf"),
        *("٣", "٣.٠٠", "１.００", "²", "1.0٠", "0x10", "1.00\n", "\n1.00", "1.00\x00"),
        *("1\u00a0000.00", "9" * 16 + ".00", "9" * 5_000_000, "R$ 1.00", "1.00 BRL", "--1.00"),
        "1" + "0" * 5_000_000 + ".00",
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_invalid_amounts_are_refused(text: str) -> None:
    started = time.thread_time()
    with pytest.raises(ValidationError) as error:
        parse_amount(text, "BRL")
    assert time.thread_time() - started < 0.1  # no arithmetic with millions of digits
    assert [field_error.field for field_error in error.value.field_errors] == ["amount"]


@pytest.mark.parametrize(
    ("currency", "text", "message"),
    [
        *(("JPY", text, '"1500"') for text in ("1.0", "1.00", "1.5e3")),
        *(("BHD", text, r'"150\.750"') for text in ("1", "1.25", "1.2500")),
        ("BRL", "1", r'"150\.75"'),
        ("JPY", "0", "above zero"),
        ("BHD", "0.000", "above zero"),
    ],
)
def test_error_shows_a_correct_amount(currency: str, text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        parse_amount(text, currency)


@pytest.mark.parametrize(
    ("text", "currency", "largest"),
    [
        ("10000000000000.00", "BRL", "9999999999999.99"),
        ("1000000000000000", "JPY", "999999999999999"),
        ("1000000000000.000", "BHD", "999999999999.999"),
        ("100000000000.0000", "CLF", "99999999999.9999"),
        ("1000000000000000", "BRL", "9999999999999.99"),
        ("9" * 1000, "BRL", "9999999999999.99"),
        ("9" * 1000 + ".00", "BRL", "9999999999999.99"),
    ],
)
def test_too_many_digits_name_the_largest_amount(text: str, currency: str, largest: str) -> None:
    with pytest.raises(ValidationError) as error:
        parse_amount(text, currency)
    (field_error,) = error.value.field_errors
    message = f'must have at most 15 digits in all: up to "{largest}" for {currency}'
    assert field_error.message == message
    assert parse_amount(largest, currency) == 10**15 - 1


@given(st.integers(-(10**38), 10**38), currencies)
def test_total_has_the_digits_of_its_currency(amount_minor: int, currency: str) -> None:
    whole, _, decimals = format_amount(amount_minor, currency).partition(".")
    assert len(decimals) == MINOR_DIGITS[currency]
    assert int(whole + decimals) == amount_minor
    assert whole == "-0" or str(int(whole)) == whole
