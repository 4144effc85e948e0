"""Compressed responses (RFC 9110, 8.4): gzip for long bodies, where the client accepts it."""

import gzip
import json

from chalice.app import Request

from chalicelib.api.accept import weight
from chalicelib.api.http import Response, accept, encode, header, is_text

SHORTEST_BYTES = 1024
LARGEST_BYTES = 5_900_000
"""How long a body may be in Lambda's response, which has at most 6 MB with its headers."""
_LEVEL = 6


def compressed(response: Response, request: Request) -> Response:
    """Return the response as bytes, compressed where it is long and the client accepts gzip."""
    if response.body is None:
        return response
    content = response.body if isinstance(response.body, bytes) else encode(response.body).encode()
    headers = {**response.headers, "Vary": ", ".join([*_vary(response), "Accept-Encoding"])}
    if len(content) >= SHORTEST_BYTES and accepts_gzip(request):
        # Without a time, so that the same content gives the same bytes.
        content = gzip.compress(content, _LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return response._replace(body=content, headers=headers)


def bytes_in_lambda(content: bytes) -> int:
    """Return how long a body is in Lambda's response: base64, or text as a JSON string."""
    if not is_text(content):
        return -(-len(content) // 3) * 4
    return len(json.dumps(content.decode()))


def accepts_gzip(request: Request) -> bool:
    """Return whether Accept-Encoding names gzip, or any coding, and not with `q=0`.

    Without Accept it is never gzip: the gateway's documentation does not promise bytes to such a
    client, and text needs no promise.
    """
    if not accept(request):
        return False
    for choice in (header(request, "accept-encoding") or "").lower().split(","):
        if choice.partition(";")[0].strip() in ("gzip", "*"):
            return weight(choice) > 0
    return False


def _vary(response: Response) -> list[str]:
    return [response.headers["Vary"]] if "Vary" in response.headers else []
