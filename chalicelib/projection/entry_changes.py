"""What a record of the DynamoDB stream, or an item of the table, changes in the read model."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

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
_CHECKED = (
    "entry_id", "merchant_id", "type", "amount_minor", "currency", "account", "category",
    "recorded_at", "reverses", "texts",
)  # fmt: skip
_is_slug = lru_cache(maxsize=4096)(is_slug)
"""Many entries have the same merchant, account and category."""
_TOO_LARGE = 10**MAX_DIGITS
_MALFORMED = (KeyError, ValueError, TypeError, AttributeError, OverflowError, LivroCaixaError)


class EntryChange(NamedTuple):
    """An entry that the read model must hold; `erased` says that its texts must be removed.

    `occurred` is the instant of the entry's `occurred_at`, `digest` the digest of its content. A
    tuple, because a rebuild makes millions of them.
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
    return change._replace(erased=change.entry.text_salt is None)


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
    validity = (
        is_entry_id(entry.entry_id),
        _is_slug(entry.merchant_id),
        entry.type in ("credit", "debit"),
        0 < entry.amount_minor < _TOO_LARGE,
        entry.currency in MINOR_DIGITS,
        _is_slug(entry.account),
        entry.category is None or _is_slug(entry.category),
        entry.recorded_at.tzinfo is not None,
        entry.reverses is None or is_entry_id(entry.reverses),
        _can_be_stored(entry),
    )
    return None if all(validity) else _CHECKED[validity.index(False)]


def _can_be_stored(entry: Entry) -> bool:
    # PostgreSQL stores no NUL, and UTF-8 has no lone surrogate.
    joined = entry.recorded_by + (entry.description or "")
    if entry.metadata:
        joined += "".join([text for pair in entry.metadata.items() for text in pair])
    if "\0" in joined:
        return False
    return joined.isascii() or len(joined.encode(errors="ignore").decode()) == len(joined)
