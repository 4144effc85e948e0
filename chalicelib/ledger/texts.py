"""Texts that people write: trimmed, in normal form C, without characters that nobody can see."""

import unicodedata

from chalicelib.ledger.errors import Fault, Invalid

DESCRIPTION_LENGTH = 200
METADATA_PAIRS = 20
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 200
_REFUSED = frozenset({"Cc", "Cs"})


def clean_text(text: str, field: str, longest: int, shortest: int = 0) -> str:
    """Return the text trimmed and in NFC; raise Invalid naming `field` when it breaks a rule.

    Control characters (NUL and line breaks too) and lone surrogates are refused; lengths are in
    characters after trimming.
    """
    if any(unicodedata.category(character) in _REFUSED for character in text):
        raise _refusal(field, "must have no control characters, NUL or lone surrogates")
    cleaned = unicodedata.normalize("NFC", text.strip())
    if not shortest <= len(cleaned) <= longest:
        raise _refusal(field, f"must have {shortest} to {longest} characters")
    return cleaned


def _refusal(field: str, message: str) -> Invalid:
    return Invalid(f"{field} {message}.", [Fault(field, message)])
