"""Log lines: one JSON object per line on standard output, which Lambda sends to CloudWatch."""

import hashlib
import json
import sys
from collections.abc import Mapping
from typing import Any

# Made once; json.dumps would make an encoder for each line.
_encode = json.JSONEncoder(default=str).encode


def write(event: str, fields: Mapping[str, Any]) -> None:
    """Write one line; a value that JSON does not have is written as text."""
    line = _encode({"event": event, **fields})
    # A single write, so that threads do not write into each other's lines.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def merchant_hash(merchant_id: str) -> str:
    """Return a short digest by which to search a merchant's lines; it does not reveal the name."""
    return hashlib.sha256(f"livro-caixa/merchant/{merchant_id}".encode()).hexdigest()[:12]
