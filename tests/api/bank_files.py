"""Bank files as tests send them, and the requests that import them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.bank_files.examples import ofx, transaction
from verification.kit.api_client import ApiClient, Response, fresh_key

OFX = "application/x-ofx"


def day(days_ago: int) -> date:
    """Return a day that is past in every time zone."""
    return (datetime.now(UTC) - timedelta(days=days_ago)).date()


def written(when: date) -> str:
    """Return a day as OFX writes it."""
    return f"{when:%Y%m%d}"


def statement(*rows: tuple[int, str, str], number: str = "1", closing: str | None = None) -> bytes:
    """Return an OFX file of rows (days ago, amount, text) of an account."""
    body = "".join(
        transaction(written(day(days)), amount, f"{at}x", text)
        for at, (days, amount, text) in enumerate(rows, 1)
    )
    balance = ""
    if closing is not None:
        last = written(day(min(days for days, _, _ in rows)))
        balance = f"<LEDGERBAL><BALAMT>{closing}<DTASOF>{last}</LEDGERBAL>"
    return ofx(body, number, balance).encode("cp1252")


def upload(
    client: ApiClient,
    content: bytes,
    query: str = "",
    key: str = "",
    media_type: str = OFX,
) -> Response:
    """Send a file."""
    headers = {"content_type": media_type, "idempotency_key": key or fresh_key()}
    return client.request("POST", f"/v1/imports{query}", headers, content)


def preview(client: ApiClient, content: bytes, account: str) -> dict[str, Any]:
    """Send a file for an account; return the import."""
    response = upload(client, content, f"?account={account}")
    assert response.status == 201, response.text
    body: dict[str, Any] = response.json
    return body


def put(client: ApiClient, path: str, body: bytes = b"{}") -> Response:
    """Send a PUT with a JSON body."""
    return client.request("PUT", path, {"content_type": "application/json"}, body)


def record(client: ApiClient, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Record an import; return it."""
    response = put(client, f"/v1/imports/{stored['id']}/recording")
    assert response.status == 200, response.text
    body: dict[str, Any] = response.json
    return body


def rows(client: ApiClient, stored: Mapping[str, Any], query: str = "") -> list[dict[str, Any]]:
    """Return rows of an import."""
    response = client.get(f"/v1/imports/{stored['id']}/rows{query}")
    assert response.status == 200, response.text
    items: list[dict[str, Any]] = response.json["items"]
    return items
