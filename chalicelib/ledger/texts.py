"""Texts that people write: trimmed, in normal form C, without characters that nobody can see."""

import re
import unicodedata

from chalicelib.ledger.errors import FieldError, ValidationError

DESCRIPTION_LENGTH = 200
METADATA_PAIRS = 20
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 200
# The Unicode categories Cc and Cs, which no later version of Unicode will change.
_REFUSED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Normal form C makes one character of four at most; nothing longer is worth normalising.
_SHRINKS_TO_A = 4


def clean_text(text: str, field: str, longest: int, shortest: int = 0) -> str:
    """Return the text trimmed and in NFC; raise ValidationError naming `field` on a broken rule.

    Control characters (NUL and line breaks too) and lone surrogates are refused; lengths are in
    characters after trimming.
    """
    if _REFUSED.search(text):
        raise _refusal(field, "must have no control characters, NUL or lone surrogates")
    trimmed = text.strip()
    cleaned = trimmed[: _SHRINKS_TO_A * longest + 1]
    cleaned = unicodedata.normalize("NFC", cleaned)
    if not shortest <= len(cleaned) <= longest:
        raise _refusal(field, f"must have {shortest} to {longest} characters")
    return cleaned


def _refusal(field: str, message: str) -> ValidationError:
    return ValidationError(f"{field} {message}.", [FieldError(field, message)])
