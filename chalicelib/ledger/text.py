"""Text that people write: cleaned texts, slugs, and the form in which texts are searched."""

import itertools
import re
import unicodedata

from chalicelib.ledger.errors import FieldError, ValidationError

DESCRIPTION_LENGTH = 200
METADATA_PAIRS = 20
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 200
DEFAULT_ACCOUNT = "main"
SLUG_PATTERN = "[a-z0-9-]{1,40}"
_SLUG = re.compile(SLUG_PATTERN, re.ASCII)
NAME_IN_PATH_PATTERN = "[A-Za-z0-9][A-Za-z0-9._~-]{0,39}"
_NAME_IN_PATH = re.compile(NAME_IN_PATH_PATTERN, re.ASCII)
# The Unicode categories Cc and Cs, which no later version of Unicode will change.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt), such as the zero-width space.
_NOT_DISPLAYED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
# Bidi_Control (Unicode, PropList.txt): they change the order in which other characters are shown.
_BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Normal form C composes at most four characters into one, so longer text need not be normalised.
_COMPOSED_AT_MOST = 4


def clean_text(text: str, field: str, longest: int, shortest: int = 0) -> str:
    """Return the text trimmed and in NFC; raise ValidationError naming `field` if it breaks a rule.

    Control characters (including NUL and line breaks) and lone surrogates are not allowed, except
    for line breaks and other white space around the text, which is trimmed; lengths are in
    characters after trimming.
    """
    trimmed = text.strip()
    if _FORBIDDEN.search(trimmed):
        raise _error(field, "must have no control characters, NUL or lone surrogates")
    cleaned = unicodedata.normalize("NFC", trimmed[: _COMPOSED_AT_MOST * longest + 1])
    if not shortest <= len(cleaned) <= longest:
        raise _error(field, f"must have {shortest} to {longest} characters")
    return cleaned


def clean_name(text: str, field: str, longest: int) -> str:
    """Return the name as `clean_text` does; raise ValidationError if it cannot be seen as it is.

    It needs a character that is displayed, and must have no control of the text's direction.
    """
    cleaned = clean_text(text, field, longest, shortest=1)
    if _BIDIRECTIONAL.search(cleaned):
        raise _error(field, "must have no bidirectional controls, such as U+202E")
    if not _NOT_DISPLAYED.sub("", cleaned).strip():
        raise _error(field, "must have a character that is displayed")
    return cleaned


def is_slug(text: str) -> bool:
    """Return whether a text is 1 to 40 of the characters a-z, 0-9 and hyphen."""
    return _SLUG.fullmatch(text) is not None


def parse_slug(text: str, field: str) -> str:
    """Return a slug unchanged; raise ValidationError naming `field` for any other text."""
    if not is_slug(text):
        raise _error(field, "must be 1 to 40 of the characters a-z, 0-9 and -")
    return text


def parse_name_in_path(text: str) -> str:
    """Return a name that is part of a path; raise ValidationError for any other text.

    Its characters are those that a URL never escapes (RFC 3986, 2.3), and it does not begin with
    a dot, because `.` and `..` are no names in a path.
    """
    if _NAME_IN_PATH.fullmatch(text):
        return text
    rule = "must be 1 to 40 of the characters A-Z, a-z, 0-9, -, ., _ and ~, the first of them a "
    raise _error("name", rule + "letter or digit")


def searchable(text: str) -> str:
    """Return the form in which texts are compared: the same for "Pão Francês" and "PAO FRANCES".

    Unicode's compatibility caseless match (The Unicode Standard 3.13, D146) without marks and
    without characters that are not displayed. Letters that do not decompose into letter and mark,
    such as ø, stay as they are.
    """
    if text.isascii():
        return text.lower()
    shown = _NOT_DISPLAYED.sub("", text)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", shown).casefold())
    return "".join(itertools.filterfalse(unicodedata.combining, folded))


def _error(field: str, message: str) -> ValidationError:
    return ValidationError(f"{field} {message}.", [FieldError(field, message)])
