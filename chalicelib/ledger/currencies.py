"""The supported currencies and the number of decimal digits of each.

All currencies of ISO 4217's list one of 2026-01-01 that have minor units, including funds, and
those that its list three (historic denominations, same date) withdrew in the five years before:
https://www.six-group.com/en/products-services/financial-information/data-standards.html
Metals, special drawing rights and test codes have no minor units. An entry is at most five years
old when it is recorded, so none has a currency that was withdrawn earlier.

A code is never removed, because entries are kept for ever: one that ISO 4217 withdraws is added to
WITHDRAWN.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from chalicelib.ledger.errors import FieldError, ValidationError

_TWO_DIGITS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD "
    "HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN "
    "QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP "
    "TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "
    "BOV CHE CHW COU MXV USN XAD"
)
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"

WITHDRAWN: Mapping[str, str] = {
    "CUC": "2021-06",
    "HRK": "2023-01",
    "SLL": "2023-12",
    "ZWL": "2024-09",
    "ANG": "2025-03",
    "BGN": "2026-01",
}
"""The last month of each withdrawn currency, in which it may still be used."""

MINOR_DIGITS: dict[str, int] = (
    dict.fromkeys([*_TWO_DIGITS.split(), *WITHDRAWN], 2)
    | dict.fromkeys(_NO_DIGITS.split(), 0)
    | dict.fromkeys(_THREE_DIGITS.split(), 3)
    | dict.fromkeys(_FOUR_DIGITS.split(), 4)
)

DEFAULT_CURRENCY = "BRL"


def parse_currency(text: str) -> str:
    """Return the code itself when it is an ISO 4217 currency; raise ValidationError otherwise.

    Withdrawn currencies are valid, because entries in them are read and filtered for ever.
    """
    if text in MINOR_DIGITS:
        return text
    message = "must be an ISO 4217 code in upper case, such as BRL"
    raise ValidationError(f"Currency {message}.", [FieldError("currency", message)])


def check_not_withdrawn(currency: str, day: date) -> None:
    """Raise ValidationError for a day after the last month of a withdrawn currency."""
    if currency not in WITHDRAWN:
        return
    next_month = date.fromisoformat(f"{WITHDRAWN[currency]}-01") + timedelta(days=31)
    last_day = next_month.replace(day=1) - timedelta(days=1)
    if day > last_day:
        message = f"was withdrawn: {currency} is accepted for days up to {last_day.isoformat()}"
        raise ValidationError(f"Currency {message}.", [FieldError("currency", message)])
