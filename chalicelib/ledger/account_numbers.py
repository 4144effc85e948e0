"""The number of an account in bank files, of at most 22 characters (OFX 1.0.2, 11.3.1)."""

import hashlib

ACCOUNT_NUMBER_LENGTH = 60
"""Characters of a number in others' files that count; only hostile files have longer ones."""
_LENGTH = 22
_DIGEST_LENGTH = 8


def account_number(slug: str) -> str:
    """Return the number of an account in our own files, given its slug of up to 40 characters.

    It is the slug itself if that is short enough. A longer one is shortened to its beginning and a
    digest, with a point between them, which is in no slug: the number is the same in every file,
    and no other account's. An import finds the account among the merchant's own, by their numbers.
    """
    if len(slug) <= _LENGTH:
        return slug
    digest = hashlib.sha256(slug.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{slug[: _LENGTH - 1 - _DIGEST_LENGTH]}.{digest}"
