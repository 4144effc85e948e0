"""Daily balances and cash flow, over both transports."""

import re
import threading
import time
from typing import Any

import pytest

from tests.api.conftest import Api, Deployed
from tests.api.test_entries import days_ago
from tests.fixtures.ledger_table import unreachable
from verification.kit.api_client import ApiClient, fresh_account


def day(ago: int) -> str:
    return days_ago(ago)[:10]


def test_balances_and_flows_are_sums_of_entries(api: Api) -> None:
    account = fresh_account()
    for days, entry in [
        (5, {"amount": "1000.00"}),
        (3, {"amount": "150.75", "category": "sales"}),
        (3, {"type": "debit", "amount": "20.00", "category": "suppliers"}),
        (3, {"amount": "1500", "currency": "JPY"}),
    ]:
        moment = days_ago(days, "23:30:00")
        newest = api.operator.record(**entry, account=account, occurred_at=moment)
    api.settle(newest)
    path = f"/v1/daily-balances/{day(3)}?account={account}"
    balance = api.viewer.get(path).json
    freshness = balance.pop("freshness")
    assert balance == {
        "day": day(3), "account": account, "currency": "BRL", "opening": "1000.00",
        "credits": "150.75", "debits": "20.00", "closing": "1130.75", "entries": 2,
        "status": "open", "version": None,
    }  # fmt: skip
    assert freshness["complete"] is None
    assert re.fullmatch(r"[\d-]{10}T[\d:]{8}\.\d{3}Z", freshness["as_of"])
    in_yen = api.viewer.get(f"{path}&currency=JPY").json
    assert (in_yen["currency"], in_yen["opening"], in_yen["closing"]) == ("JPY", "0", "1500")
    path = f"/v1/cash-flow?from={day(5)}&to={day(3)}&by=day&group=account"
    flow = api.viewer.get(path).json
    assert set(flow) == {"items", "freshness"}
    names = ("period", "credits", "debits", "net", "entries")
    items = [item for item in flow["items"] if item["group"] == account]
    assert [tuple(item[name] for name in names) for item in items] == [
        (day(5), "1000.00", "0.00", "1000.00", 1),
        (day(3), "150.75", "20.00", "130.75", 2),
    ]


def test_awaited_entry_is_reported_as_included(api: Api) -> None:
    entry = api.operator.record(account=fresh_account())
    api.settle(entry)
    path = f"/v1/daily-balances/{entry['day']}?account={entry['account']}&after={entry['id']}"
    response = api.viewer.get(path, if_none_match="*")
    assert (response.status, response.json["closing"]) == (200, "1.00")
    freshness = response.json["freshness"]
    assert freshness["complete"] is True and freshness["as_of"] >= entry["recorded_at"]


def freshness_after(client: ApiClient, entry_day: str, entry_id: str) -> tuple[Any, float]:
    """Return the freshness of a read that waits for an entry, and how long it took."""
    started = time.monotonic()
    response = client.get(f"/v1/daily-balances/{entry_day}?after={entry_id}")
    return response.json["freshness"], time.monotonic() - started


def test_late_entry_is_waited_for(deployed: Deployed) -> None:
    entry = deployed.client.record()
    late = threading.Timer(0.3, deployed.project)
    late.start()
    path = f"/v1/daily-balances?from={entry['day']}&to={entry['day']}&after={entry['id']}"
    body = deployed.client.get(path).json
    late.join()
    assert (body["items"][0]["closing"], body["freshness"]["complete"]) == ("1.00", True)


def test_stalled_projection_is_waited_for_once(deployed: Deployed) -> None:
    entry = deployed.client.record()
    place = (deployed.client, entry["day"], entry["id"])
    freshness, seconds = freshness_after(*place)
    assert freshness["complete"] is False and 1.9 < seconds < 4
    calls = len(deployed.table.wire.calls)
    assert [freshness_after(*place)[0]["complete"] for _ in range(10)] == [False] * 10
    assert len(deployed.table.wire.calls) == calls
    deployed.project()
    assert freshness_after(*place)[0]["complete"] is True


@pytest.mark.parametrize("owner", ["nobody", "rival"])
def test_foreign_entry_is_not_waited_for(local_api: Api, owner: str) -> None:
    entry_id = local_api.rival.record()["id"] if owner == "rival" else "a" * 32
    freshness, seconds = freshness_after(local_api.viewer, "2026-11-22", entry_id)
    assert freshness["complete"] is False and seconds < 1


def test_unreachable_ledger_does_not_fail_the_read(deployed: Deployed) -> None:
    deployed.table.wire.twist("BatchGetItem", unreachable)
    assert freshness_after(deployed.client, "2026-11-22", "a" * 32)[0]["complete"] is False
