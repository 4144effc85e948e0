"""Currencies: ISO 4217 codes in upper case and their numbers of digits."""

from collections import Counter
from datetime import date

import pytest

from chalicelib.ledger.currencies import (
    DEFAULT_CURRENCY,
    MINOR_DIGITS,
    WITHDRAWN,
    check_not_withdrawn,
    parse_currency,
)
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


def test_no_code_ever_leaves_the_list() -> None:
    assert Counter(MINOR_DIGITS.values()) == {0: 17, 2: 145, 3: 7, 4: 2}
    assert {"ANG", "BGN", "CUC", "HRK", "SLL", "ZWL"} == set(WITHDRAWN) < set(MINOR_DIGITS)
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in MINOR_DIGITS)
    assert DEFAULT_CURRENCY in MINOR_DIGITS


@pytest.mark.parametrize(
    ("code", "last_day", "next_day"),
    [
        ("BGN", "2026-01-31", "2026-02-01"),
        ("ANG", "2025-03-31", "2025-04-01"),
        ("ZWL", "2024-09-30", "2024-10-01"),
        ("SLL", "2023-12-31", "2024-01-01"),
        ("HRK", "2023-01-31", "2023-02-01"),
    ],
)
def test_withdrawn_currency_is_valid_through_its_month(
    code: str, last_day: str, next_day: str
) -> None:
    assert (parse_currency(code), MINOR_DIGITS[code]) == (code, 2)
    check_not_withdrawn(code, date.fromisoformat("2021-12-01"))
    check_not_withdrawn(code, date.fromisoformat(last_day))
    with pytest.raises(ValidationError, match=f"{code} .*up to {last_day}") as error:
        check_not_withdrawn(code, date.fromisoformat(next_day))
    assert [field_error.field for field_error in error.value.field_errors] == ["currency"]


@pytest.mark.parametrize(
    "text", ["", "brl", "Brl", " BRL", "BRL ", "R$", "XXX", "XAU", "XDR", "BRLX", "ＢＲＬ"]
)
def test_unknown_currency_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as error:
        parse_currency(text)
    assert [field_error.field for field_error in error.value.field_errors] == ["currency"]
