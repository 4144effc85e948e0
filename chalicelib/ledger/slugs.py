"""Slugs: the short names of accounts, categories and merchants."""

import re

from chalicelib.ledger.errors import FieldError, ValidationError

DEFAULT_ACCOUNT = "main"
PATTERN = "[a-z0-9-]{1,40}"
_SLUG = re.compile(PATTERN, re.ASCII)


def is_slug(text: str) -> bool:
    """Say whether a text is 1 to 40 of the characters a-z, 0-9 and hyphen."""
    return _SLUG.fullmatch(text) is not None


def parse_slug(text: str, field: str) -> str:
    """Return the slug itself; raise ValidationError naming `field` when it is none."""
    if is_slug(text):
        return text
    message = "must be 1 to 40 of the characters a-z, 0-9 and -"
    raise ValidationError(f"{field} {message}.", [FieldError(field, message)])
