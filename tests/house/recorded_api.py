"""Requests to the application as API Gateway hands them in, and what its responses are made of."""

import json
import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import app
from tests.api.requests import proxy_event
from tests.house.golden_entries import DAY, ID
from tests.house.recorded_run import Aws
from tests.house.shapes import Shapes, pattern, shape

SCOPES = ("livro-caixa/read", "livro-caixa/write", "livro-caixa/close")
# Headers that differ by request; all others are constant and pinned with their values.
VARIABLE_HEADERS = {
    "Access-Control-Allow-Methods", "Allow", "ETag", "Link", "Location", "X-Request-Id",
}  # fmt: skip
SAMPLES = {
    "entry_id": ID,
    "import_id": "0" * 32,
    "day": DAY,
    "month": DAY[:7],
    "version": "1",
    "name": "fees",
    "slug": "sales",
    "consolidation_id": f"{DAY}-{ID}",
    "file": "none.js",
}


def context(milliseconds: int = 900_000) -> Any:
    """Return what Lambda hands a function beside its event."""
    return SimpleNamespace(
        function_name="livro-caixa-names",
        aws_request_id="request-of-lambda",
        get_remaining_time_in_millis=lambda: milliseconds,
    )


class Api:
    """Sends requests and remembers headers, bodies and problems by route and status."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self.responses = Shapes()
        self.problems: set[str] = set()

    def send(
        self,
        route: str,
        body: Any = None,
        key: str | None = None,
        *,
        merchant: str = "busy-bakery",
        scopes: tuple[str, ...] = SCOPES,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        **given: str,
    ) -> dict[str, Any]:
        """Send `METHOD /path/{parameter}` and return the proxy response with its parsed body.

        Parameters are those of the golden day, unless they are given.
        """
        method, resource = route.split(" ")
        sent = {"Content-Type": "application/json"} if body is not None else {}
        sent |= {"Idempotency-Key": key} if key else {}
        lists = {name: [text] for name, text in (sent | dict(headers or {})).items()}
        text = body if isinstance(body, str | None) else json.dumps(body)
        claims = {"sub": "joana", "token_use": "access", "merchant_id": merchant}
        token = claims | {"scope": " ".join(scopes)} if scopes else None
        parameters = {name: (SAMPLES | given)[name] for name in re.findall(r"{(\w+)}", resource)}
        path = resource.format_map(parameters)
        event = proxy_event(method, resource, path, lists, text, claims=token)
        event |= {"pathParameters": parameters or None}
        event |= {"multiValueQueryStringParameters": parse_qs(query) or None}
        with self._aws.running("api_handler"):
            response: dict[str, Any] = app.app(event, context())
        response["json"] = json.loads(response["body"]) if response["body"] else None
        self._remember(route, response)
        return response

    def _remember(self, route: str, response: dict[str, Any]) -> None:
        status, body = response["statusCode"], response["json"]
        if status >= 400:
            self.problems.add(f"{status} {body['type']}")
        headers = {
            name: "" if name in VARIABLE_HEADERS else pattern(value)
            for name, value in response["headers"].items()
        }
        # The body of the OpenAPI document has a separate file.
        parts = {"headers": headers, "body": shape(None if "openapi" in route else body)}
        self.responses.add(f"problem {status}" if status >= 400 else f"{route} {status}", parts)
