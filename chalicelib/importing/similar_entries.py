"""Which entries may be the same movement as a row of a bank file.

An entry that was recorded by hand, up to 3 days away; one of another format, on the same day; and
one of the same format that has the row's text, too, on the same day: the bank gave it another id.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from chalicelib.importing.file_rows import MovementKey, movement_key
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.text import DESCRIPTION_LENGTH

CANDIDATE_DAYS = timedelta(days=3)


class KnownEntry(NamedTuple):
    """An entry that may be a row's; `family` is that of the file it came from, None if by hand.

    `is_free` says whether a row may still claim it, `claimed_family` is that of the row that has.
    `identity` is that of the row that it was recorded from.
    """

    entry: Entry
    family: str | None
    is_free: bool
    claimed_family: str | None = None
    identity: str | None = None


def needs_decision(
    other: KnownEntry, key: MovementKey, family: str, texts: Collection[str | None]
) -> bool:
    """Return whether a new row needs a decision because of an entry.

    `key` and `family` are the row's, and `texts` what its entry may have as its text.
    """
    is_open = other.is_free or is_claimed_elsewhere(other, family)
    return is_open and is_similar(other, key, family, texts)


def is_claimed_elsewhere(other: KnownEntry, family: str) -> bool:
    """Return whether a row of another file has claimed an entry that is similar to a row."""
    # An entry of the same format is similar only to a row with another id (see is_similar).
    if other.claimed_family is None:
        return False
    return other.claimed_family != family or other.family == family


def entry_text(description: str | None) -> str | None:
    """Return the text that the entry of a row with this description has."""
    return (description or "")[:DESCRIPTION_LENGTH].strip() or None


def is_similar(
    other: KnownEntry, key: MovementKey, family: str, texts: Collection[str | None]
) -> bool:
    """Return whether an entry may be a row of this key and family, with one of these texts."""
    entry = other.entry
    if movement_key(entry)._replace(day=key.day) != key:
        return False
    if other.family == family:
        return entry.day == key.day and entry.description in texts
    return abs(entry.day - key.day) <= (timedelta(0) if other.family else CANDIDATE_DAYS)
