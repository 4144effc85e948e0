"""The supported currencies and the number of decimal digits of each.

All currencies of ISO 4217's list one of 2026-01-01 that have minor units, including funds:
https://www.six-group.com/en/products-services/financial-information/data-standards.html
Metals, special drawing rights and test codes have no minor units.
"""

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

MINOR_DIGITS: dict[str, int] = (
    dict.fromkeys(_TWO_DIGITS.split(), 2)
    | dict.fromkeys(_NO_DIGITS.split(), 0)
    | dict.fromkeys(_THREE_DIGITS.split(), 3)
    | dict.fromkeys(_FOUR_DIGITS.split(), 4)
)

DEFAULT_CURRENCY = "BRL"


def parse_currency(text: str) -> str:
    """Return the code itself when it is an ISO 4217 currency; raise ValidationError otherwise."""
    if text in MINOR_DIGITS:
        return text
    message = "must be an ISO 4217 code in upper case, such as BRL"
    raise ValidationError(f"Currency {message}.", [FieldError("currency", message)])
