"""Currencies: ISO 4217 codes in upper case and their numbers of digits."""

from collections import Counter

import pytest

from chalicelib.ledger.currencies import DEFAULT_CURRENCY, MINOR_DIGITS, parse_currency
from chalicelib.ledger.errors import ValidationError


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("BRL", 2),
        ("USD", 2),
        ("JPY", 0),
        ("CLP", 0),
        ("BHD", 3),
        ("TND", 3),
        # Funds: units of account that contracts use.
        ("CLF", 4),
        ("UYW", 4),
        ("UYI", 0),
        ("COU", 2),
        ("MXV", 2),
        ("BOV", 2),
        ("USN", 2),
        ("CHE", 2),
        ("CHW", 2),
        ("XAD", 2),
    ],
)
def test_currency_has_its_digits(code: str, digits: int) -> None:
    assert parse_currency(code) == code
    assert MINOR_DIGITS[code] == digits


def test_codes_are_three_capital_letters() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in MINOR_DIGITS)
    assert DEFAULT_CURRENCY in MINOR_DIGITS


def test_all_codes_of_list_one_are_supported() -> None:
    counts = Counter(MINOR_DIGITS.values())
    assert counts == {0: 17, 2: 139, 3: 7, 4: 2}


@pytest.mark.parametrize(
    "text", ["", "brl", "Brl", " BRL", "BRL ", "R$", "XXX", "XAU", "XDR", "BRLX", "ＢＲＬ"]
)
def test_unknown_currency_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as error:
        parse_currency(text)
    assert [field_error.field for field_error in error.value.field_errors] == ["currency"]
