"""Currencies: ISO 4217 codes in upper case, and the digits of each."""

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
        # Units of account that contracts are written in: funds, in the words of ISO 4217.
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
def test_a_currency_has_its_digits(code: str, digits: int) -> None:
    assert parse_currency(code) == code
    assert MINOR_DIGITS[code] == digits


def test_every_code_is_three_capitals_and_the_default_is_one_of_them() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in MINOR_DIGITS)
    assert DEFAULT_CURRENCY in MINOR_DIGITS


def test_list_one_has_as_many_codes_with_minor_units() -> None:
    counts = Counter(MINOR_DIGITS.values())
    assert counts == {0: 17, 2: 139, 3: 7, 4: 2}


@pytest.mark.parametrize(
    "text", ["", "brl", "Brl", " BRL", "BRL ", "R$", "XXX", "XAU", "XDR", "BRLX", "ＢＲＬ"]
)
def test_what_is_no_currency_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        parse_currency(text)
    assert [fault.field for fault in refusal.value.field_errors] == ["currency"]
