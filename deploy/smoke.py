"""The smoke test of a stage: requests without a token, and the responses that they must have."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

PATIENCE_SECONDS = 60.0
PROBLEM = "application/problem+json"


class SmokeTestError(Exception):
    """The stage has a wrong response; the message names the request and the response."""


@dataclass(frozen=True, slots=True)
class SmokeResponse:
    """A response; status 0 means that none was received, and `body` is its JSON or None."""

    status: int
    media_type: str
    body: Any


def smoke_test(
    base_url: str,
    patience: float = PATIENCE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Test a stage at its base URL for `patience` seconds; return a sentence for each success.

    A new function may need a moment. Raises SmokeTestError.
    """
    end = time.monotonic() + patience
    while True:
        problems = list(_problems(base_url))
        if not problems:
            return [
                "all data stores are up",
                "a request without a token gets 401",
                "the dashboard is served",
            ]
        if time.monotonic() > end:
            raise SmokeTestError("; ".join(problems))
        pause(2)


def _problems(base_url: str) -> Iterator[str]:
    ready = _get(f"{base_url}/health/ready")
    stores = ready.body if isinstance(ready.body, dict) else {}
    if ready.status != HTTPStatus.OK or "down" in json.dumps(stores):
        yield f"/health/ready returned {ready.status} {ready.body}; expected 200, all stores up"
    document = _get(f"{base_url}/openapi.json")
    if document.status != HTTPStatus.OK or "openapi" not in (document.body or {}):
        yield f"/openapi.json returned {document.status}; expected 200 and OpenAPI"
    page = _get(f"{base_url}/")
    if page.status != HTTPStatus.OK or not page.media_type.startswith("text/html"):
        yield f"/ returned {page.status} {page.media_type}; expected 200 and the dashboard"
    entries = _get(f"{base_url}/v1/entries")
    if (entries.status, entries.media_type) != (HTTPStatus.UNAUTHORIZED, PROBLEM):
        yield (
            f"/v1/entries without a token returned {entries.status} {entries.media_type} "
            f"instead of 401 {PROBLEM}"
        )


def _get(url: str, timeout: float = 15.0) -> SmokeResponse:
    address = urlsplit(url)
    secure = address.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    with closing(connect(address.netloc, timeout=timeout)) as connection:
        try:
            connection.request("GET", address.path)
            response = connection.getresponse()
            media_type = response.headers.get("Content-Type", "")
            return SmokeResponse(response.status, media_type, _json(response.read()))
        except OSError as error:
            return SmokeResponse(0, "", str(error))


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
