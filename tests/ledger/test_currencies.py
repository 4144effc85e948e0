"""Currencies: ISO 4217 codes in upper case and their numbers of digits."""

from collections import Counter

import pytest

from chalicelib.ledger.currencies import DEFAULT_CURRENCY, MINOR_DIGITS, parse_currency
from chalicelib.ledger.errors import ValidationError


@pytest.mark.parametrize(
    ("digits", "codes"),
    [
        (0, "CLP JPY UYI"),
        (2, "BOV BRL CHE CHW COU MXV USD USN XAD"),  # most of them units of account in contracts
        (3, "BHD TND"),
        (4, "CLF UYW"),
    ],
)
def test_currency_has_its_digits(digits: int, codes: str) -> None:
    for code in codes.split():
        assert parse_currency(code) == code
        assert MINOR_DIGITS[code] == digits


def test_all_codes_of_list_one_are_supported() -> None:
    assert Counter(MINOR_DIGITS.values()) == {0: 17, 2: 139, 3: 7, 4: 2}
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in MINOR_DIGITS)
    assert DEFAULT_CURRENCY in MINOR_DIGITS


@pytest.mark.parametrize(
    "text", ["", "brl", "Brl", " BRL", "BRL ", "R$", "XXX", "XAU", "XDR", "BRLX", "ＢＲＬ"]
)
def test_unknown_currency_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as error:
        parse_currency(text)
    assert [field_error.field for field_error in error.value.field_errors] == ["currency"]
