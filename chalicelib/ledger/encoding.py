"""Bytes for hashing and text for transport: canonical JSON, length-prefixed bytes, base64url."""

import base64
import json

_PREFIXES = ["\0\0\0" + chr(length) for length in range(128)]
# Built once: json.dumps would build an encoder for each call.
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def canonical_json(value: object) -> bytes:
    """Return the same bytes for the same JSON value, independent of key order and white space."""
    return _canonical(value).encode()


def length_prefixed(*parts: str) -> bytes:
    """Join texts, each after its length in 4 bytes; different lists give different bytes."""
    # Fast path, which halves the time for a batch of entries: while all lengths and characters are
    # below 128, each is one byte in UTF-8, and everything is encoded at once.
    try:
        text = "".join([_PREFIXES[len(part)] + part for part in parts])
    except IndexError:
        text = None
    if text is not None and text.isascii():
        return text.encode()
    encoded = [part.encode() for part in parts]
    return b"".join([len(part).to_bytes(4, "big") + part for part in encoded])


def urlsafe(raw: bytes) -> str:
    """Return base64url text without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
