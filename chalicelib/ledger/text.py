"""Text that people write: cleaned texts, slugs, and the form in which texts are searched."""

import itertools
import re
import unicodedata

from chalicelib.ledger.errors import FieldError, ValidationError

DESCRIPTION_LENGTH = 200
METADATA_PAIRS = 20
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 200
# The Unicode categories Cc and Cs, which no later version of Unicode will change.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Normal form C makes one character of four at most; nothing longer is worth normalising.
_SHRINKS_TO_A = 4


def clean_text(text: str, field: str, longest: int, shortest: int = 0) -> str:
    """Return the text trimmed and in NFC; raise ValidationError naming `field` on a broken rule.

    Control characters (NUL and line breaks too) and lone surrogates are refused; lengths are in
    characters after trimming.
    """
    if _FORBIDDEN.search(text):
        raise _error(field, "must have no control characters, NUL or lone surrogates")
    trimmed = text.strip()
    cleaned = trimmed[: _SHRINKS_TO_A * longest + 1]
    cleaned = unicodedata.normalize("NFC", cleaned)
    if not shortest <= len(cleaned) <= longest:
        raise _error(field, f"must have {shortest} to {longest} characters")
    return cleaned


def _error(field: str, message: str) -> ValidationError:
    return ValidationError(f"{field} {message}.", [FieldError(field, message)])


DEFAULT_ACCOUNT = "main"
SLUG_PATTERN = "[a-z0-9-]{1,40}"
_SLUG = re.compile(SLUG_PATTERN, re.ASCII)


def is_slug(text: str) -> bool:
    """Say whether a text is 1 to 40 of the characters a-z, 0-9 and hyphen."""
    return _SLUG.fullmatch(text) is not None


def parse_slug(text: str, field: str) -> str:
    """Return the slug itself; raise ValidationError naming `field` when it is none."""
    if is_slug(text):
        return text
    message = "must be 1 to 40 of the characters a-z, 0-9 and -"
    raise ValidationError(f"{field} {message}.", [FieldError(field, message)])


def searchable(text: str) -> str:
    """Return the text by which it is found: "Pão Francês" and "PAO FRANCES" give the same.

    Unicode's compatibility caseless match (The Unicode Standard 3.13, D146), and then without
    marks. Letters that are no letter plus mark, such as ø, stay what they are.
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(itertools.filterfalse(unicodedata.combining, folded))
