"""The list of entries: filters, pages and links, over both transports."""

import re
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.api.conftest import Api, Deployed
from tests.api.test_entries import days_ago
from verification.kit.api_client import fresh_account, fresh_key

Book = tuple[Api, str]


@pytest.fixture
def book(api: Api) -> Book:
    """Seven sales on the last seven days of an account, in the read model."""
    account = fresh_account()
    for number in range(1, 8):
        entry = api.operator.record(
            amount=f"{number}.00",
            account=account,
            occurred_at=days_ago(8 - number),
            description=f"Pão nº {number} 100%",
            metadata={"n": str(number)},
        )
    api.settle(entry)
    return api, account


def numbers(book: Book, query: str) -> str:
    api, account = book
    items = api.viewer.get(f"/v1/entries?account={account}&{query}").json["items"]
    return "".join(item["metadata"].get("n", "-") for item in items)


def test_newest_day_comes_first_as_in_the_ledger(book: Book) -> None:
    api, account = book
    page = api.viewer.get(f"/v1/entries?account={account}").json
    days = [item["day"] for item in page["items"]]
    assert days == sorted(days, reverse=True) and len(days) == 7
    assert page["next_cursor"] is None
    newest = page["items"][0]
    assert api.viewer.get(f"/v1/entries/{newest['id']}").json == newest


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"from={days_ago(2)[:10]}", "76"),
        (f"to={days_ago(6)[:10]}", "21"),
        (f"from={days_ago(5)[:10]}&to={days_ago(5)[:10]}&currency=BRL&type=credit", "3"),
        ("type=debit", ""),
        ("category=sales", ""),
        ("currency=JPY", ""),
        ("q=PAO+N%C2%BA+4", "4"),
        ("q=100%25&limit=2", "76"),
        ("q=1_0", ""),
    ],
)
def test_filters_select_what_they_name(book: Book, query: str, expected: str) -> None:
    assert numbers(book, query) == expected


def test_links_lead_through_all_pages_while_entries_arrive(book: Book) -> None:
    api, account = book
    query = f"account={account}&q=p%C3%A3o&type=credit&limit=3"
    base, seen = "https://example.org/api", []
    url = f"{base}/v1/entries?{query}"
    while url:
        response = api.viewer.get(url.removeprefix(base))
        seen += [item["metadata"].get("n", "-") for item in response.json["items"]]
        late = api.operator.record(account=account, description="pão", occurred_at=days_ago(3))
        api.settle(late)
        link = re.fullmatch('<(.*)>; rel="next"', response.headers.get("link", ""))
        assert (link is None) == (response.json["next_cursor"] is None)
        url = urljoin(url, link[1]) if link else ""
    assert [n for n in seen if n != "-"] == list("7654321")


def test_limit_may_change_between_pages(book: Book) -> None:
    api, account = book
    cursor = api.viewer.get(f"/v1/entries?account={account}&limit=1").json["next_cursor"]
    assert numbers(book, f"limit=4&cursor={cursor}") == "6543"


def test_cursor_is_bound_to_merchant_and_filters(book: Book) -> None:
    api, account = book
    query = f"account={account}&type=credit"
    cursor = api.viewer.get(f"/v1/entries?{query}&limit=1").json["next_cursor"]
    forged = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for wrong in (f"cursor={cursor}", f"{query}&cursor={forged}", "cursor=x", "cursor="):
        response = api.viewer.get(f"/v1/entries?{wrong}")
        assert response.is_problem(400)
        assert response.error_fields == ["cursor"]
    assert api.rival.get(f"/v1/entries?{query}&cursor={cursor}").is_problem(400)


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1e2", "", "%D9%A3", "050", "x"])
def test_limit_is_from_1_to_200(api: Api, limit: str) -> None:
    query = f"limit={limit}&from=2026-11-22&to=2026-11-21&q=%00&type=x&category=A"
    response = api.viewer.get(f"/v1/entries?{query}")
    assert response.is_problem(400)
    assert response.error_fields == ["category", "limit", "q", "to", "type"]


def test_read_page_is_not_sent_again(book: Book) -> None:
    api, account = book
    path = f"/v1/entries?account={account}&limit=3"
    first = api.viewer.get(path)
    again = api.viewer.get(path, if_none_match=first.headers["etag"])
    assert (again.status, again.headers["link"]) == (304, first.headers["link"])


def test_page_has_50_entries_by_default(deployed: Deployed) -> None:
    sale: dict[str, Any] = {"type": "credit", "amount": "1.00"}
    sales = [sale | {"idempotency_key": fresh_key()} for _ in range(60)]
    deployed.client.post("/v1/entries/batch", {"entries": sales}, key=None)
    deployed.project()
    assert len(deployed.client.get("/v1/entries").json["items"]) == 50
    assert len(deployed.client.get("/v1/entries?limit=200").json["items"]) == 60
