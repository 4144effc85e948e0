"""Money: integers of minor units inside, decimal strings at the edge."""

import re

from chalicelib.ledger.currencies import MINOR_DIGITS
from chalicelib.ledger.errors import FieldError, ValidationError

MAX_DIGITS = 15
# More is never looked at: it is enough to see that an amount is too long.
_LOOKED_AT = 64
_SHAPE = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)


def parse_amount(text: str, currency: str) -> int:
    """Return the minor units of a decimal string, such as 15075 of "150.75" in BRL.

    The string has exactly the digits of the currency (ISO 4217), no sign, exponent, space or
    separator, 15 digits at most in all, and is above zero; raise ValidationError otherwise. Only
    shape is looked at before any arithmetic, so a hostile number costs nothing.
    """
    digits = MINOR_DIGITS[currency]
    shape = _SHAPE.fullmatch(text[:_LOOKED_AT])
    whole, decimals = (shape[1], shape[2] or "") if shape else ("", "")
    if len(whole) + len(decimals) > MAX_DIGITS:
        largest = format_amount(10**MAX_DIGITS - 1, currency)
        raise _refusal(
            f'must have at most {MAX_DIGITS} digits in all: up to "{largest}" for {currency}'
        )
    if not whole or len(decimals) != digits:
        raise _refusal(f"must be {_written(digits)} for {currency}, as a string")
    amount_minor = int(whole + decimals)
    if amount_minor == 0:
        raise _refusal("must be above zero; type says the direction")
    return amount_minor


def format_amount(amount_minor: int, currency: str) -> str:
    """Return the decimal string of minor units: -1200 in BRL is "-12.00", 1500 in JPY is "1500"."""
    digits = MINOR_DIGITS[currency]
    sign = "-" if amount_minor < 0 else ""
    figures = str(abs(amount_minor)).rjust(digits + 1, "0")
    return sign + (f"{figures[:-digits]}.{figures[-digits:]}" if digits else figures)


def _written(digits: int) -> str:
    example = f'"150.{"75000"[:digits]}"' if digits else '"1500"'
    decimals = "no decimal digits" if digits == 0 else f"exactly {digits} decimal digits"
    return f"a plain decimal with {decimals}, such as {example},"


def _refusal(message: str) -> ValidationError:
    return ValidationError(f"Amount {message}.", [FieldError("amount", message)])
