"""Daily balances and cash flow, over both transports."""

import re
import threading
import time
from datetime import date, timedelta

import pytest

from tests.api.conftest import Api, Deployed
from tests.api.test_entries import days_ago
from tests.fixtures.ledger_table import unreachable
from verification.kit.api_client import ApiClient, fresh_account

Book = tuple[ApiClient, str]
SALE = {"type": "credit", "amount": "1.00"}


@pytest.fixture
def book(api: Api) -> Book:
    """An account with entries on two days, one in yen, and all of them in the read model."""
    account = fresh_account()
    for days, entry in [
        (5, {"amount": "1000.00"}),
        (3, {"amount": "150.75", "category": "sales"}),
        (3, {"type": "debit", "amount": "20.00", "category": "suppliers"}),
        (3, {"amount": "1500", "currency": "JPY"}),
    ]:
        newest = api.operator.record(
            **entry, account=account, occurred_at=days_ago(days, "23:30:00")
        )
    api.settle(newest)
    return api.viewer, account


def day(ago: int) -> str:
    return days_ago(ago)[:10]


def test_balance_is_the_sum_of_entries(book: Book) -> None:
    client, account = book
    balance = client.get(f"/v1/daily-balances/{day(3)}?account={account}").json
    freshness = balance.pop("freshness")
    assert balance == {
        "day": day(3), "account": account, "currency": "BRL", "opening": "1000.00",
        "credits": "150.75", "debits": "20.00", "closing": "1130.75", "entries": 2,
        "status": "open", "version": None,
    }  # fmt: skip
    assert freshness["complete"] is None
    assert re.fullmatch(r"[\d-]{10}T[\d:]{8}\.\d{3}Z", freshness["as_of"])


@pytest.mark.parametrize(
    ("account", "currency", "closing"),
    [(None, "JPY", "1500"), (None, "BHD", "0.000"), ("none", "BRL", "0.00")],
)
def test_accounts_and_currencies_are_separate(
    book: Book, account: str | None, currency: str, closing: str
) -> None:
    client, own = book
    path = f"/v1/daily-balances/{day(3)}?account={account or own}&currency={currency}"
    balance = client.get(path).json
    assert (balance["closing"], balance["account"]) == (closing, account or own)


def test_without_account_all_are_combined(local_api: Api) -> None:
    for account, amount in [("main", "2.00"), ("bank", "0.50")]:
        entry = local_api.operator.record(account=account, amount=amount)
    local_api.settle(entry)
    balance = local_api.viewer.get(f"/v1/daily-balances/{entry['day']}").json
    assert (balance["account"], balance["closing"], balance["entries"]) == (None, "2.50", 2)
    other = local_api.rival.get(f"/v1/daily-balances/{entry['day']}").json
    assert (other["opening"], other["closing"], other["entries"]) == ("0.00", "0.00", 0)
    assert other["freshness"] == {"as_of": None, "complete": None}


def test_each_day_opens_with_the_closing_before(book: Book) -> None:
    client, account = book
    path = f"/v1/daily-balances?from={day(6)}&to={day(1)}&account={account}"
    body = client.get(path).json
    assert [item["day"] for item in body["items"]] == [day(ago) for ago in range(6, 0, -1)]
    closings = ["0.00", "1000.00", "1000.00", "1130.75", "1130.75", "1130.75"]
    assert [item["closing"] for item in body["items"]] == closings
    assert [item["opening"] for item in body["items"][1:]] == closings[:-1]
    assert set(body) == {"items", "freshness"}
    assert "freshness" not in body["items"][0]


def test_late_entry_corrects_every_later_day(api: Api) -> None:
    account = fresh_account()
    api.operator.record(account=account, occurred_at=days_ago(1))
    late = api.operator.record(account=account, amount="0.50", occurred_at=days_ago(400))
    api.settle(late)
    today = api.viewer.get(f"/v1/daily-balances/{day(0)}?account={account}").json
    assert (today["opening"], today["closing"]) == ("1.50", "1.50")


def test_awaited_entry_is_reported_as_included(api: Api) -> None:
    entry = api.operator.record(account=fresh_account())
    api.settle(entry)
    path = f"/v1/daily-balances/{entry['day']}?account={entry['account']}&after={entry['id']}"
    response = api.viewer.get(path, if_none_match="*")
    assert (response.status, response.json["closing"]) == (200, "1.00")
    assert response.json["freshness"]["complete"] is True
    assert response.json["freshness"]["as_of"] >= entry["recorded_at"]


def test_cash_flow_is_by_period_and_group(book: Book) -> None:
    client, account = book
    path = f"/v1/cash-flow?from={day(5)}&to={day(3)}"
    items = client.get(f"{path}&by=day&group=account").json["items"]
    flows = [
        (item["period"], item["credits"], item["debits"], item["net"], item["entries"])
        for item in items
        if item["group"] == account
    ]
    assert flows == [
        (day(5), "1000.00", "0.00", "1000.00", 1),
        (day(3), "150.75", "20.00", "130.75", 2),
    ]
    year, week, _ = date.fromisoformat(day(3)).isocalendar()
    by_week = client.get(f"/v1/cash-flow?from={day(3)}&to={day(3)}&by=week").json
    assert [item["period"] for item in by_week["items"]] == [f"{year}-W{week:02}"]
    assert set(by_week) == {"items", "freshness"}
    by_month = client.get(f"/v1/cash-flow?from={day(3)}&to={day(3)}&by=month").json["items"]
    assert [(item["period"], item["group"]) for item in by_month] == [(day(3)[:7], None)]


def test_cash_flow_sorts_entries_without_category_last(local_api: Api) -> None:
    for category, amount in [(None, "1000.00"), ("suppliers", "20.00"), ("sales", "150.75")]:
        entry = local_api.operator.record(category=category, amount=amount)
    local_api.settle(entry)
    path = f"/v1/cash-flow?from={entry['day']}&to={entry['day']}&group=category"
    items = local_api.viewer.get(path).json["items"]
    groups = [(item["group"], item["net"]) for item in items]
    assert groups == [("sales", "150.75"), ("suppliers", "20.00"), (None, "1000.00")]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("daily-balances/2026-02-30", "day"),
        ("daily-balances/today?currency=X", "currency day"),
        ("daily-balances/2026-11-22?account=A&currency=brl&after=x&q=1",
         "account after currency q"),
        ("daily-balances/2026-11-22?account=a&account=a", "account"),
        ("daily-balances/2026-11-22?account=", "account"),
        ("daily-balances", "from to"),
        ("daily-balances?from=2026-11-22", "to"),
        ("daily-balances?from=2026-11-22&to=2026-11-21&currency=X", "currency to"),
        ("daily-balances?from=2025-11-22&to=2026-11-23", "to"),
        ("cash-flow?from=2026-11-22&to=2026-11-22&by=year&group=x", "by group"),
        ("cash-flow?from=2026-01-02&to=2026-01-01&by=year", "by to"),
        ("cash-flow?from=2026-11-22&to=2026-11-22&account=main", "account"),
    ],
)  # fmt: skip
def test_impossible_filter_is_rejected(api: Api, path: str, fields: str) -> None:
    response = api.viewer.get(f"/v1/{path}")
    assert response.is_problem(400)
    assert response.error_fields == fields.split()


def test_read_balance_is_not_sent_again(book: Book) -> None:
    client, account = book
    query = f"from={day(5)}&to={day(3)}"
    paths = (
        f"/v1/daily-balances/{day(3)}?account={account}",
        f"/v1/daily-balances?account={account}&{query}",
        f"/v1/cash-flow?{query}",
    )
    for path in paths:
        tag = client.get(path).headers["etag"]
        again = client.get(path, if_none_match=f'"x", W/{tag}')
        assert (again.status, again.text) == (304, "")


def test_range_has_at_most_366_days(api: Api) -> None:
    last = date.fromisoformat(day(0))
    first = last - timedelta(days=365)
    path = f"/v1/daily-balances?from={first}&to={last}"
    assert len(api.viewer.get(path).json["items"]) == 366


class TestWaitForEntry:
    """`after`: how long a read waits, and when it does not wait at all."""

    def balance(self, deployed: Deployed, entry: dict[str, str]) -> dict[str, object]:
        path = f"/v1/daily-balances/{entry['day']}?after={entry['id']}"
        freshness: dict[str, object] = deployed.client.get(path).json["freshness"]
        return freshness

    def test_included_entry_needs_no_ledger_read(self, deployed: Deployed) -> None:
        entry = deployed.client.record()
        deployed.project()
        freshness = self.balance(deployed, entry)
        assert freshness == {"as_of": entry["recorded_at"], "complete": True}
        assert deployed.table.wire.calls == ["PutItem", "Scan"]

    def test_late_entry_is_waited_for(self, deployed: Deployed) -> None:
        entry = deployed.client.record()
        late = threading.Timer(0.3, deployed.project)
        late.start()
        path = f"/v1/daily-balances?from={entry['day']}&to={entry['day']}&after={entry['id']}"
        body = deployed.client.get(path).json
        late.join()
        assert (body["items"][0]["closing"], body["freshness"]["complete"]) == ("1.00", True)

    def test_missing_entry_is_waited_for_2_seconds(self, deployed: Deployed) -> None:
        entry = deployed.client.record()
        started = time.monotonic()
        assert self.balance(deployed, entry)["complete"] is False
        assert 1.9 < time.monotonic() - started < 4

    def test_stalled_projection_is_not_waited_for_again(self, deployed: Deployed) -> None:
        entry = deployed.client.record()
        assert self.balance(deployed, entry)["complete"] is False
        calls = len(deployed.table.wire.calls)
        for _ in range(10):
            assert self.balance(deployed, entry)["complete"] is False
        assert len(deployed.table.wire.calls) == calls
        deployed.project()
        assert self.balance(deployed, entry)["complete"] is True

    @pytest.mark.parametrize("owner", ["nobody", "rival"])
    def test_foreign_entry_is_not_waited_for(self, local_api: Api, owner: str) -> None:
        entry_id = local_api.rival.record()["id"] if owner == "rival" else "a" * 32
        started = time.monotonic()
        body = local_api.viewer.get(f"/v1/daily-balances/2026-11-22?after={entry_id}").json
        assert body["freshness"]["complete"] is False
        assert time.monotonic() - started < 1

    def test_unreachable_ledger_does_not_fail_the_read(self, deployed: Deployed) -> None:
        deployed.table.wire.twist("BatchGetItem", unreachable)
        response = deployed.client.get(f"/v1/daily-balances/2026-11-22?after={'a' * 32}")
        assert (response.status, response.json["freshness"]["complete"]) == (200, False)
