"""Bytes for hashing and text for transport: canonical JSON, length-prefixed bytes, base64url."""

import base64
import json
from collections.abc import Sequence

_PREFIXES = ["\0\0\0" + chr(length) for length in range(128)]
# Built once: json.dumps would build an encoder for each call.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def length_prefixed(*parts: str) -> bytes:
    """Join texts so that no two different lists give the same bytes."""
    short = _prefixed_short_ascii(parts)
    if short is not None:
        return short
    encoded = [part.encode() for part in parts]
    return b"".join([len(part).to_bytes(4, "big") + part for part in encoded])


def _prefixed_short_ascii(parts: Sequence[str]) -> bytes | None:
    # Nearly every part is one: where lengths and characters are below 128, each is its own byte,
    # and all are encoded at once. A batch of entries is digested in half the time.
    try:
        text = "".join([_PREFIXES[len(part)] + part for part in parts])
    except IndexError:
        return None
    return text.encode() if text.isascii() else None


def canonical_json(value: object) -> bytes:
    """Return the same bytes for the same JSON value, whatever its key order and white space."""
    return _canonical(value).encode()


def urlsafe(raw: bytes) -> str:
    """Return base64url text without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
