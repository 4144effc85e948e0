"""Ids of imports: 32 characters of 0-9 and a-v, of which the first ten are the time.

So their order is that of their creation.
"""

import base64
import hashlib
import re
from datetime import datetime

_TIME_BYTES = 6
_RANDOM_BYTES = 14
IMPORT_ID_PATTERN = "[0-9a-v]{32}"
_IMPORT_ID = re.compile(IMPORT_ID_PATTERN, re.ASCII)


def new_import_id(now: datetime, nonce: str) -> str:
    """Return the id of an import of this moment; `nonce` is random text."""
    milliseconds = int(now.timestamp() * 1000)
    random = hashlib.sha256(nonce.encode()).digest()[:_RANDOM_BYTES]
    # base32hex keeps the order of the bytes (RFC 4648, section 7).
    return base64.b32hexencode(milliseconds.to_bytes(_TIME_BYTES, "big") + random).decode().lower()


def is_import_id(text: str) -> bool:
    """Return whether a text has the form of an import's id."""
    return _IMPORT_ID.fullmatch(text) is not None
