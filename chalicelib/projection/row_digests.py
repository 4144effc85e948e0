"""The digest of an entry's row, of all of its columns in PostgreSQL's binary form (record_send).

A rebuild sends it instead of the columns. A row with the same digest has the same columns, also if
it was altered by hand; any other row is compared column by column, so a value that PostgreSQL
writes otherwise takes only time.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from struct import Struct

from chalicelib.ledger.text import searchable
from chalicelib.projection.entry_changes import EntryChange

_TEXT, _BIGINT, _DATE, _MOMENT, _JSON = 25, 20, 1082, 1184, 3802
"""The numbers (OID) of types, which are the same in every PostgreSQL."""
_COLUMNS = (17).to_bytes(4, "big")
_HEAD = Struct(">ii").pack
_NULL = _HEAD(_TEXT, -1)
_FIXED = Struct(">iiqiiiiiqiiq").pack
_FIRST_DAY = date(2000, 1, 1).toordinal()
_FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_METADATA = _HEAD(_JSON, 3) + b"\x01{}"
_HEADS = ["\0\0\0\x19\0\0\0" + chr(length) for length in range(128)]
"""What precedes a text of each length that is one byte in UTF-8."""


def row_digest(change: EntryChange) -> str:
    """Return the digest of the row that an entry of the ledger must have."""
    entry, description = change.entry, change.entry.description
    of_many = _of_many(entry.type, entry.currency, entry.account, entry.category)
    required = _texts(
        entry.merchant_id, entry.occurred_at, entry.recorded_by, entry.text_digest, change.digest
    )
    optional = (
        _text(description),
        _text(description and searchable(description)),
        _text(entry.reverses),
    )
    fixed = _FIXED(
        _BIGINT, 8, entry.amount_minor,
        _DATE, 4, entry.day.toordinal() - _FIRST_DAY,
        _MOMENT, 8, (change.occurred - _FIRST_MOMENT) // _MICROSECOND,
        _MOMENT, 8, (entry.recorded_at - _FIRST_MOMENT) // _MICROSECOND,
    )  # fmt: skip
    metadata = _json(entry.metadata) if entry.metadata else _NO_METADATA
    return sha256(b"".join((_COLUMNS, of_many, required, *optional, fixed, metadata))).hexdigest()


@lru_cache(maxsize=4096)
def _of_many(*texts: str | None) -> bytes:
    # Many entries have the same type, currency, account and category.
    return b"".join(map(_text, texts))


def _texts(*texts: str) -> bytes:
    # As ledger.encoding.length_prefixed(): short ASCII texts are encoded at once.
    try:
        joined = "".join([_HEADS[len(text)] + text for text in texts])
    except IndexError:
        joined = None
    if joined is not None and joined.isascii():
        return joined.encode()
    return b"".join(map(_text, texts))


def _text(text: str | None) -> bytes:
    if text is None:
        return _NULL
    raw = text.encode()
    return _HEAD(_TEXT, len(raw)) + raw


def _json(metadata: Mapping[str, str]) -> bytes:
    # PostgreSQL orders keys by their length in bytes, and then by their bytes.
    pairs = sorted(metadata.items(), key=lambda pair: (len(pair[0].encode()), pair[0].encode()))
    raw = b"\x01" + json.dumps(dict(pairs), ensure_ascii=False).encode()
    return _HEAD(_JSON, len(raw)) + raw
