"""The list of entries: filters, pages and links, over both transports."""

import json
import re
from typing import Any
from urllib.parse import urljoin

import pytest

from chalicelib.api.entry_responses import corrected_response
from tests.api.conftest import Api, Deployed
from tests.api.test_entries import days_ago
from tests.fixtures.night import NightWorld, sale
from verification.kit.api_client import Response, fresh_account, fresh_key

Book = tuple[Api, str]


def lambda_bytes(response: Response) -> int:
    """Return the length of Lambda's response on the runtimes that escape all but ASCII."""
    parts = {"statusCode": response.status, "headers": dict(response.headers)}
    return len(json.dumps({**parts, "body": response.text, "isBase64Encoded": False}))


@pytest.fixture
def book(api: Api) -> Book:
    """Seven sales on the last seven days of an account, in the read model."""
    account = fresh_account()
    for number in range(1, 8):
        entry = api.operator.record(
            amount=f"{number}.00",
            account=account,
            occurred_at=days_ago(8 - number),
            description=f"P\u200bão nº {number} 100%\n",
            metadata={"n": str(number)},
        )
    api.settle(entry)
    return api, account


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("from={day}&to={day}&currency=BRL&type=credit", "3"),
        ("type=debit", ""),
        ("q=PAO+N%C2%BA+4", "4"),
        ("q=100%25&limit=2", "76"),
        ("q=1_0", ""),
    ],
)
def test_filters_select_what_they_name(book: Book, query: str, expected: str) -> None:
    api, account = book
    query = query.format(day=days_ago(5)[:10])  # not before: midnight may pass meanwhile
    items = api.viewer.get(f"/v1/entries?account={account}&{query}").json["items"]
    assert "".join(item["metadata"]["n"] for item in items) == expected


def test_links_lead_through_all_pages_while_entries_arrive(book: Book) -> None:
    api, account = book
    query = f"account={account}&q=p%C3%A3o&type=credit&limit=3"
    base, seen = "https://example.org/api", list[str]()
    url = f"{base}/v1/entries?{query}"
    while url:
        response = api.viewer.get(url.removeprefix(base))
        tag, moment = response.headers["etag"], days_ago(3)
        again = api.viewer.get(url.removeprefix(base), if_none_match=tag)
        assert (again.status, again.headers.get("link")) == (304, response.headers.get("link"))
        seen += [item["metadata"].get("n", "") for item in response.json["items"]]
        api.settle(api.operator.record(account=account, description="pão", occurred_at=moment))
        link = re.fullmatch('<(.*)>; rel="next"', response.headers.get("link", ""))
        assert (link is None) == (response.json["next_cursor"] is None)
        url = urljoin(url, link[1]) if link else ""
    assert "".join(seen) == "7654321"


def test_cursor_is_bound_to_merchant_and_filters(book: Book) -> None:
    api, account = book
    query = f"account={account}&type=credit"
    cursor = api.viewer.get(f"/v1/entries?{query}&limit=1").json["next_cursor"]
    forged = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for wrong in (f"cursor={cursor}", f"{query}&cursor={forged}", "cursor=x", "cursor="):
        assert api.viewer.get(f"/v1/entries?{wrong}").is_problem(400, "cursor")
    assert api.rival.get(f"/v1/entries?{query}&cursor={cursor}").is_problem(400, "cursor")


def test_long_entries_end_a_page_early(deployed: Deployed, night_world: NightWorld) -> None:
    texts: dict[str, Any] = {
        "description": "\U0001f35e" * 200,
        "metadata": {
            f"{number:02}".ljust(40, "\U0001f35e"): "\U0001f35e" * 200 for number in range(20)
        },
    }
    sold = [sale(night_world.merchant, f"{number}", **texts) for number in range(200)]
    night_world.record(*sold)
    seen: list[str] = []
    path = "/v1/entries?limit=200"
    while path:
        response = deployed.client.get(path)
        assert lambda_bytes(response) < 5 * 1024 * 1024
        assert len(response.json["items"]) in (69, 62)
        seen += [item["id"] for item in response.json["items"]]
        cursor = response.json["next_cursor"]
        path = f"/v1/entries?limit=200&cursor={cursor}" if cursor else ""
    assert sorted(seen) == sorted(entry.entry_id for entry in sold)


def test_page_has_50_entries_by_default(deployed: Deployed) -> None:
    sale = {"type": "credit", "amount": "1.00"}
    sales = [sale | {"idempotency_key": fresh_key()} for _ in range(60)]
    deployed.client.post("/v1/entries/batch", {"entries": sales}, key=None)
    deployed.project()
    assert len(deployed.client.get("/v1/entries").json["items"]) == 50
    assert len(deployed.client.get("/v1/entries?limit=200").json["items"]) == 60


def test_each_entry_of_a_page_is_formatted_once(
    local_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    local_api.settle([local_api.operator.record() for _ in range(3)][-1])
    formatted = list[Any]()

    def counted(entry: Any, *state: Any) -> Any:
        formatted.append(entry)
        return corrected_response(entry, *state)

    monkeypatch.setattr("chalicelib.api.entry_list.corrected_response", counted)
    assert len(local_api.viewer.get("/v1/entries").json["items"]) == len(formatted) == 3
