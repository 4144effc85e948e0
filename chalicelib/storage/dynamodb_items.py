"""How entries and idempotency records are stored in DynamoDB, as DynamoDB JSON.

Corrections of categories, which the table also has, are in category_items.py.

Shared by the package that writes the table (commands) and those that read it (projection,
closing).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, cast

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import Entry, without_texts
from chalicelib.ledger.idempotency import Fingerprint
from chalicelib.ledger.instants import format_instant
from chalicelib.storage.category_items import is_correction, item_correction
from chalicelib.storage.day_index import merchant_shard, shard_of

TEXT_ATTRIBUTES = ("description", "metadata", "text_salt", "request_text_digest")
"""What an erasure removes: the texts, and everything by which they could be guessed."""
ERASED_AT = "erased_at"
"""When an erasure removed the texts; the read model still has them for a moment."""
IMPORT_MARKS = "entry_id, import_id, outcome"
"""What is read of an item to know which import wrote it."""
Item = dict[str, Any]
_day = lru_cache(maxsize=4096)(date.fromisoformat)
"""Many entries have the same day; the cache holds ten years of days."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with the fingerprint of the request that recorded it.

    `import_id` is the import of a bank file that recorded it, or whose undo did, and `identity` the
    identity of the row that it was recorded from; both remain after an erasure, unlike `metadata`.
    """

    entry: Entry
    fingerprint: Fingerprint
    import_id: str | None = None
    identity: str | None = None


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """The use of an idempotency key by an operation other than recording an entry.

    `key_id` is the id of the merchant's key, in the same space as the ids of entries; `outcome`
    names what the request made: for a reversal, the id of the new entry. `nonce` is random, so
    that a request recognizes its own record. The record of a closing also has the moment at which
    the run was started (None: not confirmed yet) and, once the run has ended, its summary as JSON.
    `is_free` when the start failed, so that any request may use the key. `import_id` is the import
    of a bank file that wrote it.
    """

    key_id: str
    merchant_id: str
    operation: str
    fingerprint: Fingerprint
    salt: str | None
    outcome: str
    nonce: str | None = None
    started_at: datetime | None = None
    summary: str | None = None
    is_free: bool = False
    import_id: str | None = None


class ImportMark(NamedTuple):
    """Which import of a bank file wrote an item, None if none did.

    `outcome` is that of an idempotency record, and None for an entry.
    """

    import_id: str | None
    outcome: str | None = None


StoredItem = StoredEntry | IdempotencyRecord | CategoryCorrection


def entry_item(stored: StoredEntry) -> Item:
    """Return the item of an entry; a value of None has no attribute."""
    entry, request = stored.entry, stored.fingerprint
    texts = {
        "entry_id": entry.entry_id, "kind": "entry", "merchant_id": entry.merchant_id,
        "type": entry.type, "currency": entry.currency, "account": entry.account,
        "day": entry.day.isoformat(), "occurred_at": entry.occurred_at,
        "recorded_at": format_instant(entry.recorded_at), "recorded_by": entry.recorded_by,
        "description": entry.description, "category": entry.category, "reverses": entry.reverses,
        "text_salt": entry.text_salt, "text_digest": entry.text_digest, "origin": entry.origin,
        "request_digest": request.plain, "request_text_digest": request.texts,
        "import_id": stored.import_id, "identity": stored.identity,
        "merchant_shard": merchant_shard(entry.merchant_id, shard_of(entry.entry_id)),
        "day_entry": f"{entry.day.isoformat()}#{entry.entry_id}",
    }  # fmt: skip
    item: Item = {name: {"S": text} for name, text in texts.items() if text is not None}
    item["amount_minor"] = {"N": str(entry.amount_minor)}
    if entry.metadata:
        item["metadata"] = {"M": {key: {"S": value} for key, value in entry.metadata.items()}}
    return item


def stored_entry(item: Mapping[str, Any]) -> StoredEntry:
    """Return the entry of an item of kind "entry"; raise KeyError or ValueError if it is broken."""
    import_id, identity = _text(item, "import_id"), _text(item, "identity")
    return StoredEntry(item_entry(item), _fingerprint(item), import_id, identity)


def item_entry(item: Mapping[str, Any]) -> Entry:
    """Return the entry of an item without its fingerprint; raises as stored_entry does."""
    # A rebuild reads whole ledgers. Arguments by position, in the order of Entry's fields, and no
    # function calls halve the time.
    return Entry(
        item["entry_id"]["S"],
        item["merchant_id"]["S"],
        item["type"]["S"],
        int(item["amount_minor"]["N"]),
        item["currency"]["S"],
        item["account"]["S"],
        _day(item["day"]["S"]),
        item["occurred_at"]["S"],
        datetime.fromisoformat(item["recorded_at"]["S"]),
        item["recorded_by"]["S"],
        item["text_digest"]["S"],
        item["text_salt"]["S"] if "text_salt" in item else None,
        item["description"]["S"] if "description" in item else None,
        item["category"]["S"] if "category" in item else None,
        _pairs(item["metadata"]["M"]) if "metadata" in item else {},
        item["reverses"]["S"] if "reverses" in item else None,
        item["origin"]["S"] if "origin" in item else None,
    )


def erased_entry(stored: StoredEntry) -> StoredEntry:
    """Return a stored entry without its texts (TEXT_ATTRIBUTES)."""
    entry, plain = without_texts(stored.entry), Fingerprint(stored.fingerprint.plain, None)
    return replace(stored, entry=entry, fingerprint=plain)


def key_item(record: IdempotencyRecord) -> Item:
    """Return the item of an idempotency record; it is not in the index."""
    texts = {
        "entry_id": record.key_id, "kind": "key", "merchant_id": record.merchant_id,
        "operation": record.operation, "outcome": record.outcome, "text_salt": record.salt,
        "nonce": record.nonce, "summary": record.summary, "import_id": record.import_id,
        "free": "true" if record.is_free else None,
        "started_at": format_instant(record.started_at) if record.started_at else None,
        "request_digest": record.fingerprint.plain,
        "request_text_digest": record.fingerprint.texts,
    }  # fmt: skip
    return {name: {"S": text} for name, text in texts.items() if text is not None}


def key_record(item: Mapping[str, Any]) -> IdempotencyRecord:
    """Return the idempotency record of an item of kind "key"."""
    started_at = _text(item, "started_at")
    return IdempotencyRecord(
        key_id=item["entry_id"]["S"],
        merchant_id=item["merchant_id"]["S"],
        operation=item["operation"]["S"],
        fingerprint=_fingerprint(item),
        salt=_text(item, "text_salt"),
        outcome=item["outcome"]["S"],
        nonce=_text(item, "nonce"),
        started_at=datetime.fromisoformat(started_at) if started_at else None,
        summary=_text(item, "summary"),
        is_free="free" in item,
        import_id=_text(item, "import_id"),
    )


def import_mark(item: Mapping[str, Any]) -> ImportMark:
    """Return the mark of an item, of which the attributes IMPORT_MARKS are enough."""
    return ImportMark(_text(item, "import_id"), _text(item, "outcome"))


def run_key_id(run_id: str) -> str:
    """Return the id of the key that started a consolidation run, whose id is the day and it."""
    return run_id[len("2026-11-22-") :]


def is_entry(item: Mapping[str, Any]) -> bool:
    """Return whether an item is an entry, and not a record beside the entries."""
    return bool(item["kind"]["S"] == "entry")


def stored_item(item: Mapping[str, Any]) -> StoredItem:
    """Return the entry, the correction or the idempotency record that an item holds."""
    if is_entry(item):
        return stored_entry(item)
    return item_correction(item) if is_correction(item) else key_record(item)


def _fingerprint(item: Mapping[str, Any]) -> Fingerprint:
    return Fingerprint(item["request_digest"]["S"], _text(item, "request_text_digest"))


def _pairs(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {name: value["S"] for name, value in attributes.items()}


def _text(item: Mapping[str, Any], name: str) -> str | None:
    return cast(str, item[name]["S"]) if name in item else None
