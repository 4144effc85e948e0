"""Lists of entries over HTTP: filters, pages, links."""

import re
from urllib.parse import urljoin

import pytest

from tests.web.asking import ApiClient
from tests.web.conftest import Deployed

SALE = {"type": "credit", "amount": "1.00"}


@pytest.fixture
def book(deployed: Deployed) -> ApiClient:
    """Seven sales of a week, the third reversed."""
    for number in range(1, 8):
        sale = {
            "type": "credit",
            "amount": f"{number}.00",
            "occurred_at": f"2026-11-{10 + number}T12:00:00-03:00",
            "description": f"Pão nº {number} 100%",
            "metadata": {"n": str(number)},
        }
        deployed.asker.post("/v1/entries", sale, f"sale-{number}")
    deployed.project()
    return deployed.asker


def numbers(book: ApiClient, query: str) -> list[str]:
    return [
        item["metadata"].get("n", "-") for item in book.get(f"/v1/entries?{query}").json["items"]
    ]


def test_entries_come_newest_day_first_as_the_ledger_shows_them(book: ApiClient) -> None:
    result = book.get("/v1/entries").json
    assert [item["day"][-2:] for item in result["items"]] == [
        "17",
        "16",
        "15",
        "14",
        "13",
        "12",
        "11",
    ]
    assert result["next_cursor"] is None
    newest = result["items"][0]
    assert book.get(f"/v1/entries/{newest['id']}").json == newest


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from=2026-11-16", "76"),
        ("to=2026-11-12", "21"),
        ("from=2026-11-13&to=2026-11-13&account=main&currency=BRL&type=credit", "3"),
        ("type=debit", ""),
        ("category=sales", ""),
        ("q=PAO+N%C2%BA+4", "4"),
        ("q=100%25&limit=2", "76"),
        ("q=1_0", ""),
    ],
)
def test_filters_leave_what_they_name(book: ApiClient, query: str, found: str) -> None:
    assert "".join(numbers(book, query)) == found


def test_a_link_leads_through_all_pages_with_the_whole_query(book: ApiClient) -> None:
    url, seen = "https://example.org/api/v1/entries?q=p%C3%A3o&type=credit&limit=3", []
    while url:
        response = book.get(url.removeprefix("https://example.org/api"))
        seen += [item["metadata"]["n"] for item in response.json["items"]]
        link = re.fullmatch('<(.*)>; rel="next"', response.headers.get("Link", ""))
        assert (link is None) == (response.json["next_cursor"] is None)
        url = urljoin(url, link[1]) if link else ""
    assert seen == list("7654321")


def test_the_limit_may_change_between_pages(book: ApiClient) -> None:
    cursor = book.get("/v1/entries?limit=1").json["next_cursor"]
    assert "".join(numbers(book, f"limit=4&cursor={cursor}")) == "6543"


def test_a_cursor_is_good_for_its_merchant_and_filters_alone(book: ApiClient) -> None:
    cursor = book.get("/v1/entries?limit=1&type=credit").json["next_cursor"]
    forged = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for query in (f"cursor={cursor}", f"type=credit&cursor={forged}", "cursor=x", "cursor="):
        result = book.get(f"/v1/entries?{query}")
        assert (result.status, result.faults) == (400, ["cursor"])
    assert ApiClient("rival").get(f"/v1/entries?type=credit&cursor={cursor}").status == 400


def test_a_page_has_50_entries_unless_asked(deployed: Deployed) -> None:
    sales = [SALE | {"idempotency_key": f"sale-{number}"} for number in range(60)]
    deployed.asker.post("/v1/entries/batch", {"entries": sales}, key=None)
    deployed.project()
    assert len(deployed.asker.get("/v1/entries").json["items"]) == 50
    assert len(deployed.asker.get("/v1/entries?limit=200").json["items"]) == 60


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1e2", "", "٣", "050", "x"])
def test_a_page_has_1_to_200_entries(book: ApiClient, limit: str) -> None:
    result = book.get(f"/v1/entries?limit={limit}&from=2026-11-22&to=2026-11-21&q=%00&type=x")
    assert (result.status, result.faults) == (400, ["limit", "q", "to", "type"])


def test_a_page_that_was_read_is_not_sent_again(book: ApiClient) -> None:
    first = book.get("/v1/entries?limit=3")
    again = book.get("/v1/entries?limit=3", if_none_match=first.headers["ETag"])
    assert (again.status, again.headers["Link"]) == (304, first.headers["Link"])
