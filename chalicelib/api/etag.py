"""Conditional reads (RFC 9110): a weak ETag of the response, and 304 if the client has it."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from chalice.app import Request

from chalicelib.api.http import Response, header_values
from chalicelib.ledger.encoding import canonical_json, urlsafe

# The client may store the response and must revalidate it; shared caches must not store it.
CACHING = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
_OPAQUE = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"')
_FRESHNESS = "freshness"


def respond(
    request: Request, body: Mapping[str, Any], conditional: bool = True, tag: str | None = None
) -> Response:
    """Return the response to a read, with its ETag; 304 without a body if the client has it.

    `conditional` False returns the whole body in any case. `tag` is the body's ETag if it is known.
    """
    tag = tag or etag_of(body)
    headers = {"ETag": tag, **CACHING}
    if conditional and matches(request, tag):
        return Response(304, headers=headers)
    return Response(200, body, headers)


def respond_with_file(request: Request, content: bytes, media_type: str) -> Response:
    """Return the response to a read of a file, whose ETag is of its bytes; 304 as in `respond`."""
    tag = f'W/"{urlsafe(hashlib.sha256(content).digest()[:18])}"'
    headers = {"ETag": tag, **CACHING}
    if matches(request, tag):
        return Response(304, headers=headers)
    return Response(200, content, headers, media_type)


def is_unchanged(request: Request, tag: str) -> bool:
    """Return whether the request may change what has this ETag: If-Match is absent, or names it.

    RFC 9110 (13.1.1) compares strongly here, for the sake of byte ranges. Our tags are weak, and
    are compared without W/: equal tags mean equal values.
    """
    conditions = ",".join(header_values(request, "if-match"))
    if not conditions or conditions.strip() == "*":
        return True
    return tag.removeprefix("W/") in _OPAQUE.findall(conditions)


def etag_of(body: Mapping[str, Any]) -> str:
    """Return the ETag of a body; it is weak, because it leaves out the body's `freshness`."""
    covered = {name: value for name, value in body.items() if name != _FRESHNESS}
    return f'W/"{urlsafe(hashlib.sha256(canonical_json(covered)).digest()[:18])}"'


def matches(request: Request, tag: str) -> bool:
    """Return whether the client has the response with this ETag."""
    # If-None-Match compares weakly, that is without W/ (RFC 9110, 13.1.2).
    conditions = header_values(request, "if-none-match")
    if not conditions:
        return False
    condition = ",".join(conditions)
    return condition.strip() == "*" or tag.removeprefix("W/") in _OPAQUE.findall(condition)
