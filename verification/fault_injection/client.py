"""A client of the API that repeats a request, under the same key, until it is answered."""

import http.client
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local.demo_users import access_token
from verification.commands import VerificationError
from verification.kit.api_client import ApiClient, Response, over_http
from verification.local_cluster import LocalCluster

RETRY_SECONDS = 120.0
_PAUSE_SECONDS = 0.1
_NO_ANSWER = 0
_RETRIED = frozenset({_NO_ANSWER, 401, 429, 500, 502, 503, 504})
Send = Callable[[ApiClient], Response]


class NoResponseError(VerificationError):
    """The service rejected a request or did not answer in time; the message quotes its response."""


@dataclass
class RetryingClient:
    """One user of the service; `attempts` counts requests by the class of their response."""

    cluster: LocalCluster
    user: str
    merchant: str
    attempts: Counter[str] = field(default_factory=Counter)
    _token: str = ""

    def post(self, path: str, body: Any, key: str | None = None) -> Response:
        """Post until the response is 2xx, always with the same key and body."""
        return self._retry(lambda client: client.post(path, body, key), path, RETRY_SECONDS)

    def get(self, path: str, seconds: float = RETRY_SECONDS) -> Any:
        """Read until the response is 2xx, for at most `seconds`; return its JSON value."""
        return self._retry(lambda client: client.get(path), path, seconds).json

    def items(self, path: str) -> list[dict[str, Any]]:
        """Read all pages of a list, in pages of 200."""
        page = self.get(f"{path}?limit=200")
        items: list[dict[str, Any]] = page["items"]
        while page["next_cursor"]:
            page = self.get(f"{path}?limit=200&cursor={page['next_cursor']}")
            items += page["items"]
        return items

    def token(self) -> str:
        """Return an access token, a new one after a response of 401."""
        self._token = self._token or access_token(self.cluster.paths, self.user)
        return self._token

    def _retry(self, send: Send, path: str, seconds: float) -> Response:
        end = time.monotonic() + seconds
        while True:
            response = self._attempt(send)
            if response.status in range(200, 300):
                return response
            if time.monotonic() > end or response.status not in _RETRIED:
                text = f"{response.status}: {response.text}"
                raise NoResponseError(f"a request of {path} was answered with {text}")
            time.sleep(_PAUSE_SECONDS)

    def _attempt(self, send: Send) -> Response:
        try:
            response = send(ApiClient(over_http(self.cluster.endpoints["base_url"]), self.token()))
        except (OSError, http.client.HTTPException) as error:
            self.attempts["no answer"] += 1
            return Response(_NO_ANSWER, {}, f"{error!r}".encode())
        self.attempts[f"{response.status // 100}xx"] += 1
        if response.status == 401:
            self._token = ""
        return response
