"""One merchant's book over HTTP, for the commands that use the service as its consumers do."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.http_client import Response, call

ATTEMPTS = 5


class DemoError(RuntimeError):
    """The service rejected a valid request; the message quotes its response.

    `problem` is the response's problem+json, empty if it has none.
    """

    def __init__(self, message: str, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.problem = problem or {}


def _problem(response: Response) -> Mapping[str, Any]:
    is_problem = "problem+json" in response.headers.get("Content-Type", "")
    return response.body if is_problem else {}


def _reason(response: Response) -> str:
    """Return what a problem says, with its fields; the text of any other response."""
    problem = _problem(response)
    if not problem:
        return response.text
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

    def change(self, path: str, changed: Callable[[Any], Any]) -> None:
        """Replace the JSON at a path by what `changed` returns for it.

        Repeated with the new content where somebody else has changed it in between.
        """
        for _ in range(ATTEMPTS):
            stored = self._send("GET", path, {}, None)
            tag = next(value for name, value in stored.headers.items() if name.lower() == "etag")
            headers = {"Content-Type": "application/json", "If-Match": tag}
            try:
                self._send("PUT", path, headers, json.dumps(changed(stored.body)))
            except DemoError as error:
                if error.problem.get("status") != 412:
                    raise
            else:
                return
        raise DemoError(f"{path} is changed by others at this moment; run the command again.")

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
            message = f"{method} {path} failed with {response.status}: {_reason(response)}"
            raise DemoError(message, _problem(response))
        return response
