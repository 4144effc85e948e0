"""Who a merchant is, for the terms of its cash book: name, CPF or CNPJ, town and state."""

import re
from typing import NamedTuple

from chalicelib.ledger.errors import FieldError, ValidationError
from chalicelib.ledger.text import clean_name

NAME_LENGTH = 120
TOWN_LENGTH = 60
STATES = "AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO"
_PUNCTUATION = re.compile(r"[./\s-]")
_CPF = re.compile("[0-9]{11}", re.ASCII)
_CNPJ = re.compile("[0-9A-Z]{12}[0-9]{2}", re.ASCII)


class Merchant(NamedTuple):
    """A merchant; `document` is a CPF or CNPJ without punctuation."""

    name: str
    document: str
    town: str
    state: str


def parse_document(text: str) -> str:
    """Return a CPF or CNPJ in capitals, without punctuation and spaces.

    Raises ValidationError if its check digits are wrong. A CNPJ may have letters since July 2026
    (Instrução Normativa RFB 2.229/2024); their value in the check digits is their ASCII code less
    48.
    """
    plain = _PUNCTUATION.sub("", text)
    if plain.isascii():  # others must not become letters, as the dotless i would
        plain = plain.upper()
    is_cpf = _CPF.fullmatch(plain) and _has_check_digits(plain, longest_weight=11)
    is_cnpj = _CNPJ.fullmatch(plain) and _has_check_digits(plain, longest_weight=9)
    if len(set(plain)) == 1 or not (is_cpf or is_cnpj):
        message = "must be a CPF or CNPJ with correct check digits, as 12.ABC.345/01DE-35"
        raise ValidationError(f"document {message}.", [FieldError("document", message)])
    return plain


def parse_state(text: str) -> str:
    """Return the code of one of Brazil's states; raise ValidationError for other text."""
    if text in STATES.split():
        return text
    message = "must be the code of a Brazilian state, such as SP"
    raise ValidationError(f"state {message}.", [FieldError("state", message)])


def parse_name(text: str) -> str:
    """Return a merchant's name, trimmed and in NFC; raise ValidationError if it breaks a rule."""
    return clean_name(text, "name", NAME_LENGTH)


def parse_town(text: str) -> str:
    """Return a town's name, trimmed and in NFC; raise ValidationError if it breaks a rule."""
    return clean_name(text, "town", TOWN_LENGTH)


def document_text(document: str) -> str:
    """Return a document as people write it: `CPF 529.982.247-25`, `CNPJ 12.ABC.345/01DE-35`."""
    d = document
    if len(d) == 11:
        return f"CPF {d[:3]}.{d[3:6]}.{d[6:9]}-{d[9:]}"
    return f"CNPJ {d[:2]}.{d[2:5]}.{d[5:8]}/{d[8:12]}-{d[12:]}"


def merchant_text(merchant: Merchant) -> str:
    """Return the merchant in one line: name and document."""
    return f"{merchant.name} · {document_text(merchant.document)}"


def _has_check_digits(document: str, longest_weight: int) -> bool:
    """Return whether the last two digits are right (modulo 11, weights from 2, right to left)."""
    for length in (len(document) - 2, len(document) - 1):
        weights = (2 + position % (longest_weight - 1) for position in range(length))
        values = (ord(character) - 48 for character in reversed(document[:length]))
        remainder = sum(value * weight for value, weight in zip(values, weights, strict=True)) % 11
        if int(document[length]) != (0 if remainder < 2 else 11 - remainder):
            return False
    return True
