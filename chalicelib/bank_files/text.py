"""Texts of bank files: collapsed for people, and folded for comparisons of names."""

import re
import unicodedata

from chalicelib.ledger.text import searchable

_NOT_IN_TEXTS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_QUOTED_AT_MOST = 40
_INSTALMENT = re.compile(r"(?<![0-9/])[0-9]{1,3}/[0-9]{1,3}(?![0-9/])", re.ASCII)


def collapse(text: str) -> str:
    """Return the text in NFC, trimmed, with one space for each run of white space and controls."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(unicodedata.normalize("NFC", _NOT_IN_TEXTS.sub(" ", text)).split())


def fold(text: str) -> str:
    """Return the form in which names are compared: "Descrição " and "DESCRICAO" are the same."""
    return collapse(searchable(text.replace("°", "º")))


def join(fields: list[str]) -> str:
    """Join collapsed fields by a space, without empty ones and those that repeat another."""
    folded: dict[str, str] = {}
    for field in fields:
        if field:
            folded.setdefault(field.casefold(), field)
    return " ".join(folded.values())


def instalment_in(text: str) -> str | None:
    """Return the `n/m` of a text such as "Parcela 3/10", or None."""
    match = _INSTALMENT.search(text)
    return match[0] if match else None


def bank_id_of(text: str) -> str | None:
    """Return the bank's id, or None for one that is empty or all zeros."""
    bank_id = collapse(text)
    return bank_id if bank_id.strip("0") else None


def quoted(text: str) -> str:
    """Return the beginning of a text for a message, in quotation marks."""
    short = collapse(text[: 4 * _QUOTED_AT_MOST])
    return f"“{short[:_QUOTED_AT_MOST]}{'…' if len(short) > _QUOTED_AT_MOST else ''}”"
