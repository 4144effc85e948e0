"""Conditional reads: a strong ETag of what was read, and 304 where the asker has it (RFC 9110)."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from chalicelib.api.exchange import Answer, WebRequest
from chalicelib.ledger.encoding import canonical_json, urlsafe

# Kept by who asked and by nobody between, and asked about each time.
CACHING = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
_OPAQUE = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_FRESHNESS = "freshness"


def tagged(request: WebRequest, shown: Mapping[str, Any], answerable: bool = True) -> Answer:
    """Return the answer to a read, with its ETag; 304 without a body where the asker has it.

    The tag covers all of `shown` but its `freshness`. `answerable` False gives the whole answer
    whatever the asker has, for who waits for an entry wants to hear how that went.
    """
    return tagged_before(request, shown, tag_of(shown), answerable)


def tagged_before(
    request: WebRequest, shown: Mapping[str, Any], tag: str, answerable: bool = True
) -> Answer:
    """Return the answer as tagged() does, of what has this ETag already."""
    headers = {"ETag": tag, **CACHING}
    if answerable and _has(request, tag):
        return Answer(304, headers=headers)
    return Answer(200, dict(shown), headers)


def with_header(answer: Answer, name: str, text: str) -> Answer:
    """Return the answer with one more header."""
    return answer._replace(headers={**answer.headers, name: text})


def tag_of(shown: Mapping[str, Any]) -> str:
    """Return the strong ETag of all of `shown` but its `freshness`."""
    lasting = {name: value for name, value in shown.items() if name != _FRESHNESS}
    return f'"{urlsafe(hashlib.sha256(canonical_json(lasting)).digest()[:18])}"'


def _has(request: WebRequest, tag: str) -> bool:
    # If-None-Match compares weakly: W/ does not count (RFC 9110, 13.1.2).
    said = ",".join(request.headers.get("if-none-match", ()))
    return said.strip() == "*" or tag in _OPAQUE.findall(said)
