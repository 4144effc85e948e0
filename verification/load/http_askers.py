"""Askers over HTTP, each with a connection of its own that is kept open."""

import http.client
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from verification.load.arrivals import PATIENCE_SECONDS
from verification.load.requests import Question


class HttpClient:
    """Asks one request at a time on a kept connection; a broken one is opened anew."""

    def __init__(self, base_url: str, token: str) -> None:
        parts = urlsplit(base_url)
        self._place, self._path = parts.netloc, parts.path
        self._headers = {"Authorization": f"Bearer {token}"}
        self._connection: http.client.HTTPConnection | None = None

    def read(self, question: Question) -> bool:
        """Say whether a read was answered with balances that add up."""
        status, text = self._send("GET", question.path, None, {})
        return question.is_answered(status, text)

    def write(self, body: dict[str, Any], key: str) -> Any:
        """Post an entry; return the answer's JSON, None where it was not accepted."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        status, text = self._send("POST", "/v1/entries", json.dumps(body), headers)
        return json.loads(text) if status == 201 else None

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str]:
        try:
            if self._connection is None:
                self._connection = http.client.HTTPConnection(
                    self._place, timeout=5 * PATIENCE_SECONDS
                )
            self._connection.request(method, self._path + path, body, self._headers | headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.close()
            return 0, ""


def close_all(askers: Sequence[HttpClient]) -> None:
    """Close the connections of all."""
    for asker in askers:
        asker.close()
