"""What is read from the read model: daily balances, cash flow, lists."""

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.acceptance.consumer import Consumer, fresh_account
from tests.acceptance.test_entries import days_ago

Book = tuple[Consumer, str]


@pytest.fixture(scope="module")
def book(operator: Consumer) -> Book:
    """An account with three days of entries, in the read model."""
    account = fresh_account()
    sales = [("credit", "1000.00", 5, None), ("credit", "150.75", 3, "sales")]
    for kind, amount, days, category in [*sales, ("debit", "20.00", 3, "suppliers")]:
        entry = operator.record(
            type=kind, amount=amount, account=account, category=category,
            occurred_at=days_ago(days, "23:30:00"), description=f"Pão 100% {category}",
        )  # fmt: skip
    operator.wait_for(entry)
    return operator, account


def day(ago: int) -> str:
    return days_ago(ago)[:10]


def test_a_days_balance_is_what_its_entries_add_up_to(book: Book) -> None:
    consumer, account = book
    result = consumer.get(f"/v1/daily-balances/{day(3)}?account={account}").json
    freshness = result.pop("freshness")
    assert result == {
        "day": day(3), "account": account, "currency": "BRL", "opening": "1000.00",
        "credits": "150.75", "debits": "20.00", "closing": "1130.75", "entries": 2,
        "status": "open", "version": None,
    }  # fmt: skip
    assert freshness["complete"] is None
    assert re.fullmatch(r"[\d-]{10}T[\d:]{8}\.\d{3}Z", freshness["as_of"])


def test_each_day_opens_with_the_closing_before_it(book: Book) -> None:
    consumer, account = book
    path = f"/v1/daily-balances?from={day(6)}&to={day(1)}&account={account}"
    items = consumer.get(path).json["items"]
    assert [item["day"] for item in items] == [day(ago) for ago in range(6, 0, -1)]
    closings = ["0.00", "1000.00", "1000.00", "1130.75", "1130.75", "1130.75"]
    assert [item["closing"] for item in items] == closings
    assert [item["opening"] for item in items[1:]] == closings[:-1]


def test_a_late_entry_corrects_every_later_day(operator: Consumer) -> None:
    account = fresh_account()
    operator.record(account=account, occurred_at=days_ago(1))
    late = operator.record(account=account, amount="0.50", occurred_at=days_ago(400))
    operator.wait_for(late)
    today = operator.get(f"/v1/daily-balances/{day(0)}?account={account}").json
    assert (today["opening"], today["closing"]) == ("1.50", "1.50")


def test_who_waits_for_an_entry_reads_it(operator: Consumer) -> None:
    account = fresh_account()
    entry = operator.record(account=account)
    operator.wait_for(entry)
    path = f"/v1/daily-balances/{entry['day']}?account={account}&after={entry['id']}"
    result = operator.get(path, if_none_match="*")
    assert (result.status, result.json["closing"]) == (200, "1.00")
    assert result.json["freshness"]["as_of"] >= entry["recorded_at"]


def test_cash_flow_is_by_period_and_group(book: Book) -> None:
    consumer, account = book
    path = f"/v1/cash-flow?from={day(5)}&to={day(3)}&by=day&group=account"
    items = [item for item in consumer.get(path).json["items"] if item["group"] == account]
    flows = [(item["period"], item["net"], item["entries"]) for item in items]
    assert flows == [(day(5), "1000.00", 1), (day(3), "130.75", 2)]
    year, week, _ = date.fromisoformat(day(3)).isocalendar()
    by_week = consumer.get(f"/v1/cash-flow?from={day(3)}&to={day(3)}&by=week").json["items"]
    assert [item["period"] for item in by_week] == [f"{year}-W{week:02}"]
    by_month = consumer.get(f"/v1/cash-flow?from={day(3)}&to={day(3)}&by=month").json["items"]
    assert [item["period"] for item in by_month] == [day(3)[:7]]


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ("", ["150.75", "20.00", "1000.00"]),
        ("&type=debit", ["20.00"]),
        ("&category=sales&currency=BRL", ["150.75"]),
        ("&q=PAO+100%25+SUPP", ["20.00"]),
        ("&q=100_", []),
        ("&currency=JPY", []),
    ],
)
def test_lists_leave_what_the_filters_name(book: Book, query: str, amounts: list[str]) -> None:
    consumer, account = book
    items = consumer.get(f"/v1/entries?account={account}{query}").json["items"]
    assert sorted(item["amount"] for item in items) == sorted(amounts)
    assert [item["day"] for item in items] == sorted((i["day"] for i in items), reverse=True)


def test_pages_give_each_entry_once_while_others_arrive(book: Book) -> None:
    consumer, account = book
    url, seen = f"{consumer.base_url}/v1/entries?account={account}&limit=1&q=p%C3%A3o", []
    while url:
        reply = consumer.get(url.removeprefix(consumer.base_url))
        seen += [item["amount"] for item in reply.json["items"]]
        consumer.record(account=account, description="pão", occurred_at=days_ago(0, "00:00:01"))
        link = re.fullmatch('<(.*)>; rel="next"', reply.headers.get("link", ""))
        assert (link is None) == (reply.json["next_cursor"] is None)
        url = urljoin(url, link[1]) if link else ""
    assert sorted(seen) == ["1000.00", "150.75", "20.00"]


def test_a_cursor_is_bound_to_merchant_and_filters(book: Book, rival: Consumer) -> None:
    consumer, account = book
    cursor = consumer.get(f"/v1/entries?account={account}&limit=1").json["next_cursor"]
    for asker, query in [
        (consumer, f"limit=1&cursor={cursor}"),
        (consumer, f"account={account}&cursor={cursor[:-1]}"),
        (rival, f"account={account}&cursor={cursor}"),
    ]:
        assert asker.get(f"/v1/entries?{query}").is_problem(400)
    assert len(consumer.get(f"/v1/entries?account={account}&cursor={cursor}").json["items"]) >= 2


@pytest.mark.parametrize(
    ("path", "faults"),
    [
        ("/v1/daily-balances/2026-02-30", ["day"]),
        ("/v1/daily-balances/2026-11-23?account=A&currency=x&y=", ["account", "currency", "y"]),
        ("/v1/daily-balances/2026-11-23?currency=BRL&currency=BRL", ["currency"]),
        ("/v1/daily-balances", ["from", "to"]),
        ("/v1/daily-balances?from=2024-01-01&to=2025-01-01", ["to"]),
        ("/v1/cash-flow?from=2026-01-02&to=2026-01-01&by=year", ["by", "to"]),
        ("/v1/entries?limit=0&type=x&category=A&q=", ["category", "limit", "q", "type"]),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_refused(operator: Consumer, path: str, faults: Any) -> None:
    reply = operator.get(path)
    assert reply.is_problem(400)
    assert reply.faults == faults


def test_a_balance_that_was_read_is_not_sent_again(book: Book) -> None:
    consumer, account = book
    query = f"account={account}&from={day(5)}&to={day(3)}"
    for path in (f"/v1/daily-balances?{query}", f"/v1/entries?{query}"):
        tag = consumer.get(path).headers["etag"]
        assert consumer.get(path, if_none_match=tag).status == 304


def test_366_days_are_answered(operator: Consumer) -> None:
    last = date.fromisoformat(day(0))
    first = last - timedelta(days=365)
    items = operator.get(f"/v1/daily-balances?from={first}&to={last}").json["items"]
    assert len(items) == 366
