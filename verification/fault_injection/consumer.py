"""A consumer as the contract wants it: the same request again until it is answered."""

import http.client
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from local.demo_users import access_token
from verification.kit.api_client import ApiClient, Response, over_http
from verification.local_cluster import Laptop

PATIENCE_SECONDS = 120.0
TOKEN_SECONDS = 1800.0
_PAUSE_SECONDS = 0.1
_AGAIN = frozenset({401, 429, 500, 502, 503, 504})


class NoResponseError(RuntimeError):
    """The service refused, or did not answer in time; the message quotes its last word."""


@dataclass
class Consumer:
    """One user of the service; `tries` counts requests sent, by how they were answered."""

    laptop: Laptop
    user: str
    merchant: str
    tries: Counter[str] = field(default_factory=Counter)
    _token: tuple[str, float] | None = None

    def post(self, path: str, body: Any, key: str | None = None) -> Response:
        """Post until the service answers 2xx, always with the same key and body."""
        return self._ask("POST", path, body, key)

    def get(self, path: str, patience: float = PATIENCE_SECONDS) -> Any:
        """Read until the service answers 2xx; return the JSON. `patience` is in seconds."""
        return self._ask("GET", path, None, None, patience).json

    def _ask(
        self,
        method: str,
        path: str,
        body: Any,
        key: str | None,
        patience: float = PATIENCE_SECONDS,
    ) -> Response:
        end = time.monotonic() + patience
        while True:
            answer = self._once(method, path, body, key)
            if answer is not None and answer.status < 300:
                return answer
            said = "no answer" if answer is None else f"{answer.status}: {answer.text}"
            if time.monotonic() > end or (answer and answer.status not in _AGAIN):
                raise NoResponseError(f"{method} {path} was answered: {said}")
            time.sleep(_PAUSE_SECONDS)

    def _once(self, method: str, path: str, body: Any, key: str | None) -> Response | None:
        try:
            client = ApiClient(over_http(self.laptop.endpoints["base_url"]), self.token())
            response = client.get(path) if method == "GET" else client.post(path, body, key)
        except (OSError, http.client.HTTPException):
            self.tries["no answer"] += 1
            return None
        self.tries[f"{response.status // 100}xx"] += 1
        return response

    @property
    def unanswered(self) -> int:
        """How many requests broke off or were answered with a server's failure."""
        return self.tries["no answer"] + self.tries["5xx"]

    def token(self) -> str:
        """Return a token that is good for a while."""
        now = time.monotonic()
        if self._token is None or now > self._token[1]:
            token = access_token(self.laptop.places, self.user)
            self._token = (token, now + TOKEN_SECONDS)
        return self._token[0]
