"""What a record of the DynamoDB stream, or an item of the table, changes in the read model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.currencies import MINOR_DIGITS
from chalicelib.ledger.entries import Entry, content_digest, is_entry_id
from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.ledger.instants import parse_instant
from chalicelib.ledger.money import MAX_DIGITS
from chalicelib.ledger.text import is_slug
from chalicelib.projection.category_changes import UnprojectableRecordError, correction_of_item
from chalicelib.storage.category_items import KIND as CORRECTION
from chalicelib.storage.dynamodb_items import item_entry

Record = Mapping[str, Any]
"""A record of the stream as Lambda passes it in."""
ENTRY, KEY = "entry", "key"
_MALFORMED = (KeyError, ValueError, TypeError, AttributeError, OverflowError, LivroCaixaError)


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that the read model must hold; `erased` says that its texts must be removed.

    `occurred` is the instant of the entry's `occurred_at`, `digest` the digest of its content.
    """

    entry: Entry
    occurred: datetime
    digest: str
    erased: bool = False

    @property
    def entry_id(self) -> str:
        """The entry's id."""
        return self.entry.entry_id


def change_of(record: Record) -> EntryChange | CategoryCorrection | None:
    """Return the change in a record, None when it concerns no entry.

    INSERT is a new entry. MODIFY of an entry can only be an erasure, which leaves an entry without
    texts and salt; its image is the whole entry, so it also replaces an INSERT that was never
    delivered. A correction of a category is inserted or modified.
    Raises UnprojectableRecordError for REMOVE, because the ledger deletes nothing, and for anything
    that is not a stream record.
    """
    try:
        kind, images = record["eventName"], record["dynamodb"]
        if kind == "REMOVE":
            raise UnprojectableRecordError("an item was deleted, which the ledger never does")
        if kind not in ("INSERT", "MODIFY"):
            raise UnprojectableRecordError("eventName must be INSERT or MODIFY")
        item = images["NewImage"]
    except (KeyError, TypeError, AttributeError):
        raise UnprojectableRecordError("the record is not a DynamoDB stream record") from None
    change = change_of_item(item)
    if not isinstance(change, EntryChange) or kind == "INSERT":
        return change
    return replace(change, erased=change.entry.text_salt is None)


def change_of_item(item: Mapping[str, Any]) -> EntryChange | CategoryCorrection | None:
    """Return the change for an item of the table, None for an idempotency record.

    Raises UnprojectableRecordError when the item is none of these, or has a value that it never
    has.
    """
    try:
        kind = _kind(item)
        if kind == CORRECTION:
            return correction_of_item(item)
        if kind != ENTRY:
            return None
        entry = item_entry(item)
        occurred = parse_instant(entry.occurred_at)
        invalid_field = _first_invalid_field(entry)
        digest = content_digest(entry)
    except _MALFORMED as error:
        raise UnprojectableRecordError(
            f"the item cannot be read as an entry ({type(error).__name__})"
        ) from None
    if invalid_field is not None:
        raise UnprojectableRecordError(f"the entry's {invalid_field} is out of range")
    return EntryChange(entry, occurred, digest)


def event_id(record: Record) -> str | None:
    """Return the id that a record keeps when it is delivered again, None without one."""
    value = record.get("eventID") if isinstance(record, Mapping) else None
    return value if isinstance(value, str) and value else None


def entry_id_of(record: Record) -> str | None:
    """Return the id of the item that a record is about, for logs, None without one."""
    try:
        value = record["dynamodb"]["Keys"]["entry_id"]["S"]
    except (KeyError, TypeError):
        return None
    return value if isinstance(value, str) else None


def _kind(item: Mapping[str, Any]) -> str:
    kind = item["kind"]["S"]
    if kind in (ENTRY, CORRECTION, KEY):
        return str(kind)
    raise UnprojectableRecordError("the item is neither an entry nor a record of one or of a key")


def _first_invalid_field(entry: Entry) -> str | None:
    validity = {
        "entry_id": is_entry_id(entry.entry_id),
        "merchant_id": is_slug(entry.merchant_id),
        "type": entry.type in ("credit", "debit"),
        "amount_minor": 0 < entry.amount_minor < 10**MAX_DIGITS,
        "currency": entry.currency in MINOR_DIGITS,
        "account": is_slug(entry.account),
        "category": entry.category is None or is_slug(entry.category),
        "recorded_at": entry.recorded_at.tzinfo is not None,
        "reverses": entry.reverses is None or is_entry_id(entry.reverses),
        "texts": _can_be_stored(entry.recorded_by, entry.description or "", *_pairs(entry)),
    }
    if all(validity.values()):
        return None
    return next(name for name, is_valid in validity.items() if not is_valid)


def _pairs(entry: Entry) -> list[str]:
    return [text for pair in entry.metadata.items() for text in pair] if entry.metadata else []


def _can_be_stored(*texts: str) -> bool:
    # PostgreSQL stores no NUL, and UTF-8 has no lone surrogate.
    joined = "".join(texts)
    if "\0" in joined:
        return False
    return joined.isascii() or len(joined.encode(errors="ignore").decode()) == len(joined)
