"""HTTP requests with text or JSON, using the standard library only."""

import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Response:
    """A server's response."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text in UTF-8."""
        return self.content.decode()

    @property
    def body(self) -> Any:
        """The text, parsed as JSON."""
        return json.loads(self.text)


def call(
    method: str, url: str, headers: Mapping[str, str], body: str | bytes | None = None
) -> Response:
    """Send a request to an `http:` or `https:` URL and return the response."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    content = body.encode() if isinstance(body, str) else body
    with closing(kind(parts.netloc, timeout=TIMEOUT_SECONDS)) as connection:
        connection.request(method, target, content or None, dict(headers))
        response = connection.getresponse()
        return Response(response.status, dict(response.getheaders()), response.read())
