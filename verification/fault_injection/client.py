"""A client of the API that repeats a request, under the same key, until it is answered."""

import http.client
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from local.demo_users import access_token
from verification.commands import VerificationError
from verification.kit.api_client import ApiClient, Response, over_http
from verification.local_cluster import LocalCluster

RETRY_SECONDS = 120.0
TOKEN_SECONDS = 1800.0
_PAUSE_SECONDS = 0.1
_RETRIED = frozenset({401, 429, 500, 502, 503, 504})


class NoResponseError(VerificationError):
    """The service rejected a request or did not answer in time; the message quotes its response."""


@dataclass
class RetryingClient:
    """One user of the service; `attempts` counts requests by the class of their response."""

    cluster: LocalCluster
    user: str
    merchant: str
    attempts: Counter[str] = field(default_factory=Counter)
    _token: tuple[str, float] | None = None

    def post(self, path: str, body: Any, key: str | None = None) -> Response:
        """Post until the response is 2xx, always with the same key and body."""
        return self._retry("POST", path, body, key, RETRY_SECONDS)

    def get(self, path: str, seconds: float = RETRY_SECONDS) -> Any:
        """Read until the response is 2xx, for at most `seconds`; return its JSON value."""
        return self._retry("GET", path, None, None, seconds).json

    def items(self, path: str) -> list[dict[str, Any]]:
        """Read all pages of a list, in pages of 200."""
        page = self.get(f"{path}?limit=200")
        items: list[dict[str, Any]] = page["items"]
        while page["next_cursor"]:
            page = self.get(f"{path}?limit=200&cursor={page['next_cursor']}")
            items += page["items"]
        return items

    @property
    def failed_attempts(self) -> int:
        """Requests that broke off or were answered with a server error."""
        return self.attempts["no answer"] + self.attempts["5xx"]

    def token(self) -> str:
        """Return an access token that stays valid for a while."""
        now = time.monotonic()
        if self._token is None or now > self._token[1]:
            self._token = (access_token(self.cluster.paths, self.user), now + TOKEN_SECONDS)
        return self._token[0]

    def _retry(
        self, method: str, path: str, body: Any, key: str | None, seconds: float
    ) -> Response:
        end = time.monotonic() + seconds
        while True:
            response = self._attempt(method, path, body, key)
            if response is not None and response.status < 300:
                return response
            text = "nothing" if response is None else f"{response.status}: {response.text}"
            if time.monotonic() > end or (response and response.status not in _RETRIED):
                raise NoResponseError(f"{method} {path} was answered with {text}")
            time.sleep(_PAUSE_SECONDS)

    def _attempt(self, method: str, path: str, body: Any, key: str | None) -> Response | None:
        try:
            client = ApiClient(over_http(self.cluster.endpoints["base_url"]), self.token())
            response = client.get(path) if method == "GET" else client.post(path, body, key)
        except (OSError, http.client.HTTPException):
            self.attempts["no answer"] += 1
            return None
        self.attempts[f"{response.status // 100}xx"] += 1
        return response
