"""Money: integers of minor units internally, decimal strings in the API."""

import re

from chalicelib.ledger.currencies import MINOR_DIGITS
from chalicelib.ledger.errors import FieldError, ValidationError

MAX_DIGITS = 15
# The characters of an amount that are read; enough to recognise that it is too long.
_READ_AT_MOST = 64
_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)


def parse_amount(text: str, currency: str) -> int:
    """Return the minor units of a decimal string, such as 15075 of "150.75" in BRL.

    The string must have exactly the decimals of the currency (ISO 4217), no sign, exponent, space
    or separator, at most 15 digits in all, and be above zero; raises ValidationError otherwise.
    The form is checked before any arithmetic, so that a hostile number costs nothing.
    """
    digits = MINOR_DIGITS[currency]
    match = _DECIMAL.fullmatch(text[:_READ_AT_MOST])
    whole, decimals = (match[1], match[2] or "") if match else ("", "")
    if len(whole) + len(decimals) > MAX_DIGITS:
        largest = format_amount(10**MAX_DIGITS - 1, currency)
        raise _error(
            f'must have at most {MAX_DIGITS} digits in all: up to "{largest}" for {currency}'
        )
    if not whole or len(decimals) != digits:
        raise _error(f"must be a string with {_expected_form(digits, currency)}")
    amount_minor = int(whole + decimals)
    if amount_minor == 0:
        raise _error("must be above zero; `type` is the direction")
    return amount_minor


def format_amount(amount_minor: int, currency: str) -> str:
    """Return the decimal string of minor units: "-12.00" of -1200 in BRL, "1500" of 1500 in JPY."""
    digits = MINOR_DIGITS[currency]
    sign = "-" if amount_minor < 0 else ""
    figures = str(abs(amount_minor)).rjust(digits + 1, "0")
    return sign + (f"{figures[:-digits]}.{figures[-digits:]}" if digits else figures)


def _expected_form(digits: int, currency: str) -> str:
    example = f'"150.{"75000"[:digits]}"' if digits else '"1500"'
    decimals = "no decimal digits" if digits == 0 else f"exactly {digits} decimal digits"
    return f"{decimals} for {currency}, such as {example}"


def _error(message: str) -> ValidationError:
    return ValidationError(f"Amount {message}.", [FieldError("amount", message)])
