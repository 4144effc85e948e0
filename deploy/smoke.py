"""Whether a stage that was just deployed answers as it should, asked from outside."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

PATIENCE_SECONDS = 60.0
PROBLEM = "application/problem+json"


class SmokeTestError(Exception):
    """The stage does not answer as it should; the message says to what, and what it said."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, type and the JSON in it."""

    status: int
    media_type: str
    body: Any


def smoke_test(
    base_url: str,
    patience: float = PATIENCE_SECONDS,
    pause: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Ask a stage at its base URL what everybody may ask; return a sentence for each good answer.

    A function that was just made may need a moment. Raises SmokeTestError.
    """
    end = time.monotonic() + patience
    while True:
        faults = list(_faults(base_url))
        if not faults:
            return ["answers; every dependency is there", "refuses who brings no token"]
        if time.monotonic() > end:
            raise SmokeTestError("; ".join(faults))
        pause(2)


def get(url: str, timeout: float = 15.0) -> Answer:
    """Ask a URL without any token; status 0 stands for no answer at all."""
    place = urlsplit(url)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = kind(place.netloc, timeout=timeout)
    try:
        connection.request("GET", place.path)
        answer = connection.getresponse()
        media_type = answer.headers.get("Content-Type", "")
        return Answer(answer.status, media_type, _json(answer.read()))
    except OSError as error:
        return Answer(0, "", str(error))
    finally:
        connection.close()


def _faults(base_url: str) -> Iterator[str]:
    ready = get(f"{base_url}/health/ready")
    dependencies = ready.body if isinstance(ready.body, dict) else {}
    if ready.status != HTTPStatus.OK or "down" in json.dumps(dependencies):
        yield f"/health/ready said {ready.status} {ready.body}"
    described = get(f"{base_url}/openapi.json")
    if described.status != HTTPStatus.OK or "openapi" not in (described.body or {}):
        yield f"/openapi.json said {described.status}"
    stranger = get(f"{base_url}/v1/entries")
    if (stranger.status, stranger.media_type) != (HTTPStatus.UNAUTHORIZED, PROBLEM):
        yield f"/v1/entries said {stranger.status} {stranger.media_type} to who brings no token"


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
