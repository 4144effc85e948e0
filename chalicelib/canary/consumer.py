"""The service as its consumers reach it: a token for a machine client, and requests with it."""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from chalicelib.canary.journey import Lost, Reply, Request

ANSWER_WITHIN_SECONDS = 8.0
REFRESH_BEFORE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service answers, and where it gives tokens out."""

    base_url: str
    token_url: str


class Consumer:
    """A machine client; it keeps its token while that is good, because each one is paid for.

    `secret` is asked for the client's secret whenever a token is needed, and it is not kept.
    """

    def __init__(
        self,
        place: Place,
        client_id: str,
        secret: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._place = place
        self._client_id = client_id
        self._secret = secret
        self._clock = clock
        self._token = ""
        self._good_until = 0.0

    def ask(self, request: Request) -> Reply:
        """Send one request; raise Lost where nobody answers in time or no token is given."""
        headers = {"Authorization": f"Bearer {self._fresh_token()}"}
        if request.body is None:
            return _send("GET", self._place.base_url + request.path, headers, None)
        headers["Content-Type"] = "application/json"
        headers["Idempotency-Key"] = request.key or ""
        text = json.dumps(request.body)
        return _send("POST", self._place.base_url + request.path, headers, text)

    def _fresh_token(self) -> str:
        now = self._clock()
        if now >= self._good_until:
            given = self._new_token()
            self._token = str(given["access_token"])
            self._good_until = now + float(given["expires_in"]) - REFRESH_BEFORE_SECONDS
        return self._token

    def _new_token(self) -> Mapping[str, Any]:
        # RFC 6749, sections 2.3.1 and 4.4.2.
        pair = base64.b64encode(f"{self._client_id}:{self._secret()}".encode()).decode()
        headers = {
            "Authorization": f"Basic {pair}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        form = urlencode({"grant_type": "client_credentials"})
        reply = _send("POST", self._place.token_url, headers, form)
        if reply.status != 200 or "access_token" not in reply.body:
            raise Lost("token", f"the token endpoint answered {reply.status}")
        return reply.body


def _send(method: str, url: str, headers: Mapping[str, str], text: str | None) -> Reply:
    import http.client

    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=ANSWER_WITHIN_SECONDS)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(method, target, text, dict(headers))
        answer = connection.getresponse()
        return Reply(answer.status, _json_object(answer.read()))
    except (OSError, http.client.HTTPException) as failure:
        raise Lost("reach", f"no answer from {parts.netloc}: {type(failure).__name__}") from failure
    finally:
        connection.close()


def _json_object(text: bytes) -> Mapping[str, Any]:
    try:
        result = json.loads(text)
    except ValueError:
        return {}
    return result if isinstance(result, dict) else {}
