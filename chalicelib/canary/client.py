"""An HTTP client of the service with the token of a machine client."""

import base64
import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from chalicelib.canary.journey import JourneyFailedError, Request, Response

TIMEOUT_SECONDS = 8.0
REFRESH_BEFORE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of the API and of the token endpoint."""

    base_url: str
    token_url: str


class MachineClient:
    """Sends requests with an access token, which it reuses, because each token costs money.

    `secret` returns the client's secret; it is called for each token, and its result not stored.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        client_id: str,
        secret: Callable[[], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._endpoints = endpoints
        self._client_id = client_id
        self._secret = secret
        self._clock = clock
        self._token = ""
        self._valid_until = 0.0

    def send(self, request: Request) -> Response:
        """Send one request; raise JourneyFailedError without a response in time or a token."""
        headers = {"Authorization": f"Bearer {self._current_token()}"}
        url = self._endpoints.base_url + request.path
        if request.body is None:
            return _send("GET", url, headers, None)
        headers["Content-Type"] = "application/json"
        headers["Idempotency-Key"] = request.key or ""
        return _send("POST", url, headers, json.dumps(request.body))

    def _current_token(self) -> str:
        now = self._clock()
        if now >= self._valid_until:
            body = self._request_token()
            self._token = str(body["access_token"])
            self._valid_until = now + float(body["expires_in"]) - REFRESH_BEFORE_SECONDS
        return self._token

    def _request_token(self) -> Mapping[str, Any]:
        # RFC 6749, sections 2.3.1 and 4.4.2.
        pair = base64.b64encode(f"{self._client_id}:{self._secret()}".encode()).decode()
        headers = {
            "Authorization": f"Basic {pair}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        form = urlencode({"grant_type": "client_credentials"})
        response = _send("POST", self._endpoints.token_url, headers, form)
        if response.status != HTTPStatus.OK or "access_token" not in response.body:
            raise JourneyFailedError("token", f"the token endpoint returned {response.status}")
        return response.body


def _send(method: str, url: str, headers: Mapping[str, str], text: str | None) -> Response:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(parts.netloc, timeout=TIMEOUT_SECONDS)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request(method, target, text, dict(headers))
        response = connection.getresponse()
        return Response(response.status, _json_object(response.read()))
    except (OSError, http.client.HTTPException) as error:
        raise JourneyFailedError(
            "reach", f"no response from {parts.netloc}: {type(error).__name__}"
        ) from error
    finally:
        connection.close()


def _json_object(text: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
