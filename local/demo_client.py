"""One merchant's book over HTTP, for the commands that use the service as its consumers do."""

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

from local.http_client import Response, call

ATTEMPTS = 5


class DemoError(RuntimeError):
    """The service rejected a valid request; the message quotes its response."""


def _reason(response: Response) -> str:
    """Return what a problem says, with its fields; the text of any other response."""
    if "problem+json" not in response.headers.get("Content-Type", ""):
        return response.text
    problem = response.body
    detail = problem["detail"]
    fields = [f"{each['field']} {each['message']}" for each in problem.get("errors", ())]
    return " ".join([detail, *(text for text in fields if text not in detail)])


@dataclass(frozen=True)
class ApiClient:
    """One merchant's book over HTTP, with an operator's token."""

    base_url: str
    token: str

    def request(self, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """Send a request, again where the service says so, and return the JSON of the response."""
        headers = {}
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        text = None if body is None else json.dumps(body)
        return self._send(method, path, headers, text).body

    def upload(self, path: str, content: bytes, media_type: str, key: str | None = None) -> Any:
        """Send a file, and return the JSON of the response."""
        headers = {"Content-Type": media_type, "Idempotency-Key": key or secrets.token_hex(16)}
        return self._send("POST", path, headers, content).body

    def download(self, path: str) -> bytes:
        """Return the file at a path."""
        return self._send("GET", path, {"Accept": "*/*"}, None).content

    def _send(
        self, method: str, path: str, headers: dict[str, str], body: str | bytes | None
    ) -> Response:
        authorized = {**headers, "Authorization": f"Bearer {self.token}"}
        for _ in range(ATTEMPTS):
            response = call(method, self.base_url + path, authorized, body)
            if response.status not in {429, 503}:
                break
            time.sleep(float(response.headers.get("Retry-After", "1")))
        if response.status >= 300:
            raise DemoError(f"{method} {path} failed with {response.status}: {_reason(response)}")
        return response
