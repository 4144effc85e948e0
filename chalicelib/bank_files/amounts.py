"""Amounts as banks write them: `-1.234,56`, `R$ 10.00`, `500,00-`, `(30.00)`, `12,50 D`."""

import re
from collections.abc import Iterable
from typing import Literal

from chalicelib.bank_files.errors import RowError
from chalicelib.bank_files.text import collapse, quoted
from chalicelib.ledger.currencies import MINOR_DIGITS
from chalicelib.ledger.money import MAX_DIGITS

Decimal = Literal[".", ","]
_LONGEST = 40
_MINUS = "−–‐-"  # U+2212, en dash, hyphen, hyphen-minus
_SYMBOLS = {"R$": "BRL", "US$": "USD", "€": "EUR", "£": "GBP"}
_AFTER_DIGITS = f" )DCBRLdcbrl{_MINUS}\u00a0"
_SIGN = rf"[+{_MINUS}]?"
_AMOUNT = re.compile(
    rf"(\(?{_SIGN}\(?)(R\$|US\$|\$|€|£|[A-Z]{{3}})?(\(?{_SIGN})([0-9.,]*[0-9][0-9.,]*)"
    rf"(R\$|US\$|\$|€|£|[A-Z]{{3}})?({_SIGN}\)?{_SIGN})(DB|CR|D|C)?",
    re.ASCII,
)
_ZEROS_AS_THOUSANDS = re.compile(r"0+[.,](?=.*[1-9])", re.ASCII)
_WHOLE = re.compile(r"[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,3}(?:,[0-9]{3})+", re.ASCII)


def parse_amount(text: str, currency: str, decimal: Decimal | None = None) -> int | None:
    """Return the signed minor units of an amount, or None of a blank text.

    A minus, parentheses or the letter D make it negative wherever they are. The last `.` or `,` is
    the decimal separator if one or two digits follow it. `decimal` is that of the whole file: it
    decides that "1.000" is one thousand where it is a comma, and unclear where it is a point.
    "0.500" is always unclear: no thousands begin with zero.
    Raises RowError for anything else, also for an amount with more decimals than the currency.
    """
    compact = "".join(collapse(text[: 4 * _LONGEST]).split()).upper()
    if not compact:
        return None
    match = _AMOUNT.fullmatch(compact) if len(compact) <= _LONGEST else None
    if match is None:
        raise RowError(f"the amount {quoted(text)} is not a number")
    before, symbol, inner, number, unit, after, letter = match.groups("")
    for mark in (symbol, unit):
        if mark not in ("", "$", currency) and _SYMBOLS.get(mark) != currency:
            raise RowError(f"the amount {quoted(text)} is not in {currency}")
    amount_minor = _minor_units(number, currency, decimal, text)
    signs = before + inner + after
    negative = letter in ("D", "DB") or any(sign in f"({_MINUS}" for sign in signs)
    return -amount_minor if negative else amount_minor


def decimal_of(amounts: Iterable[str]) -> Decimal | None:
    """Return the decimal separator that most of these amounts show, or None if none shows one."""
    commas = points = 0
    for text in amounts:
        decimals = text.rstrip(_AFTER_DIGITS)[-3:-1]
        commas += "," in decimals
        points += "." in decimals
    if commas == points == 0:
        return None
    return "," if commas >= points else "."


def _minor_units(number: str, currency: str, decimal: Decimal | None, text: str) -> int:
    digits = MINOR_DIGITS[currency]
    last = max(number.rfind("."), number.rfind(","))
    decimals = number[last + 1 :] if last >= 0 else ""
    whole = number
    if len(decimals) in (1, 2) or (digits > 2 and len(decimals) == digits and last >= 0):
        whole = number[:last] or "0"
    elif last >= 0 and number[last] == decimal:
        raise _unclear(text)
    else:
        decimals = ""
    if _ZEROS_AS_THOUSANDS.match(whole):
        raise _unclear(text)
    if _WHOLE.fullmatch(whole) is None:
        raise RowError(f"the amount {quoted(text)} is not a number")
    if decimals[digits:].strip("0"):
        raise RowError(f"the amount {quoted(text)} has more decimals than {currency}")
    figures = whole.replace(".", "").replace(",", "") + decimals[:digits].ljust(digits, "0")
    if len(figures.lstrip("0")) > MAX_DIGITS:
        raise RowError(f"the amount {quoted(text)} has more than {MAX_DIGITS} digits")
    return int(figures)


def _unclear(text: str) -> RowError:
    return RowError(f"the amount {quoted(text)} is unclear: write it with two decimals")
