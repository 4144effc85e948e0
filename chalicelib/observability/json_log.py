"""Log lines: JSON, one line an event, on standard output, where Lambda hands them to CloudWatch."""

import hashlib
import json
import sys
from collections.abc import Mapping
from typing import Any

# One for all lines: json.dumps would make another for each.
_written = json.JSONEncoder(default=str).encode


def write(event: str, fields: Mapping[str, Any]) -> None:
    """Write one line; what is no JSON value is written as its text."""
    line = _written({"event": event, **fields})
    # In one piece, so that threads do not write into each other's lines.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def merchant_hash(merchant_id: str) -> str:
    """Return a short digest by which one merchant's lines are found without naming it."""
    return hashlib.sha256(f"livro-caixa/merchant/{merchant_id}".encode()).hexdigest()[:12]
