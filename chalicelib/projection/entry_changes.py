"""What a change of the ledger means for the read model; an item that makes no sense is UnprojectableRecordError."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.ledger.currencies import MINOR_DIGITS
from chalicelib.ledger.entries import Entry, content_digest, is_entry_id
from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.ledger.instants import parse_instant
from chalicelib.ledger.money import MAX_DIGITS
from chalicelib.ledger.text import is_slug
from chalicelib.storage.dynamodb_items import is_entry, item_entry

_BROKEN = (KeyError, ValueError, TypeError, AttributeError, OverflowError, LivroCaixaError)


class UnprojectableRecordError(Exception):
    """An item or record that can never be projected; the message holds no value of it."""


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that the read model must hold, with its moment, and whether its texts are erased."""

    entry: Entry
    occurred: datetime
    digest: str
    erased: bool = False

    @property
    def entry_id(self) -> str:
        """The entry's id."""
        return self.entry.entry_id


def change_of_item(item: Mapping[str, Any]) -> EntryChange | None:
    """Return the change that an item of the table stands for, None for a used key's record.

    Raises UnprojectableRecordError when it has not the shape of an entry, or holds what no entry can.
    """
    try:
        if _is_key(item):
            return None
        entry = item_entry(item)
        occurred = parse_instant(entry.occurred_at)
        fault = _fault(entry)
        digest = content_digest(entry)
    except _BROKEN as error:
        raise UnprojectableRecordError(
            f"the item has not the shape of an entry ({type(error).__name__})"
        ) from None
    if fault is not None:
        raise UnprojectableRecordError(f"the entry's {fault} is out of range")
    return EntryChange(entry, occurred, digest)


def _is_key(item: Mapping[str, Any]) -> bool:
    if is_entry(item):
        return False
    if item["kind"]["S"] == "key":
        return True
    raise UnprojectableRecordError("the item is neither an entry nor a used key")


def _fault(entry: Entry) -> str | None:
    """Return the name of the first value that no entry can have."""
    sound = {
        "entry_id": is_entry_id(entry.entry_id),
        "merchant_id": is_slug(entry.merchant_id),
        "type": entry.type in ("credit", "debit"),
        "amount_minor": 0 < entry.amount_minor < 10**MAX_DIGITS,
        "currency": entry.currency in MINOR_DIGITS,
        "account": is_slug(entry.account),
        "category": entry.category is None or is_slug(entry.category),
        "recorded_at": entry.recorded_at.tzinfo is not None,
        "reverses": entry.reverses is None or is_entry_id(entry.reverses),
        "texts": _is_text(entry.recorded_by, entry.description or "", *_pairs(entry)),
    }
    if all(sound.values()):
        return None
    return next(name for name, good in sound.items() if not good)


def _pairs(entry: Entry) -> list[str]:
    return [text for pair in entry.metadata.items() for text in pair] if entry.metadata else []


def _is_text(*texts: str) -> bool:
    # PostgreSQL keeps no NUL, and UTF-8 has no lone surrogate.
    joined = "".join(texts)
    if "\0" in joined:
        return False
    return joined.isascii() or len(joined.encode(errors="ignore").decode()) == len(joined)
