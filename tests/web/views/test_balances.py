"""Daily balances and cash flow over HTTP, from the real read model."""

import threading
import time
from typing import Any

import pytest

from tests.fixtures.ledger_table import unreachable
from tests.web.asking import ApiClient, Told
from tests.web.conftest import Deployed


@pytest.fixture
def book(deployed: Deployed) -> ApiClient:
    """Three days of a book: sales, a supplier, one in yen, one at 23:30."""
    entries = [
        {"type": "credit", "amount": "1000.00", "occurred_at": "2026-11-20T09:00:00-03:00"},
        {"type": "credit", "amount": "150.75", "occurred_at": "2026-11-22T23:30:00-03:00"},
        {"type": "debit", "amount": "20.00", "occurred_at": "2026-11-22T10:00:00-03:00"},
        {"type": "credit", "amount": "1500", "currency": "JPY"},
    ]
    entries[1] |= {"category": "sales", "description": "Pão 100% integral"}
    entries[2] |= {"account": "bank", "category": "suppliers"}
    entries[3] |= {"occurred_at": "2026-11-22T10:00:00Z"}
    for entry in entries:
        assert deployed.asker.post("/v1/entries", entry).status == 201
    deployed.project()
    return deployed.asker


def test_a_days_balance_is_as_the_contract_shows_it(book: ApiClient) -> None:
    result = book.get("/v1/daily-balances/2026-11-22")
    assert result.status == 200
    assert result.json.pop("freshness")["complete"] is None
    assert {name: result.json[name] for name in result.json if name != "freshness"} == {
        "day": "2026-11-22",
        "account": None,
        "currency": "BRL",
        "opening": "1000.00",
        "credits": "150.75",
        "debits": "20.00",
        "closing": "1130.75",
        "entries": 2,
        "status": "open",
        "version": None,
    }


@pytest.mark.parametrize(
    ("query", "closing"),
    [
        ("account=bank", "-20.00"),
        ("account=main&currency=BRL", "1150.75"),
        ("account=none", "0.00"),
        ("currency=JPY", "1500"),
        ("currency=BHD", "0.000"),
    ],
)
def test_accounts_and_currencies_are_kept_apart(book: ApiClient, query: str, closing: str) -> None:
    result = book.get(f"/v1/daily-balances/2026-11-22?{query}").json
    assert result["closing"] == closing
    assert f"account={result['account']}" in query or result["account"] is None


def test_a_run_of_days_has_every_day_and_one_freshness(book: ApiClient) -> None:
    result = book.get("/v1/daily-balances?from=2026-11-19&to=2026-11-23").json
    assert [day["closing"] for day in result["items"]] == [
        "0.00", "1000.00", "1000.00", "1130.75", "1130.75",
    ]  # fmt: skip
    for before, after in zip(result["items"], result["items"][1:], strict=False):
        assert after["opening"] == before["closing"]
    assert set(result) == {"items", "freshness"}
    assert "freshness" not in result["items"][0]
    assert result["freshness"]["as_of"].endswith("Z")


def test_cash_flow_is_by_period_and_group(book: ApiClient) -> None:
    path = "/v1/cash-flow?from=2026-11-16&to=2026-11-30&by=week&group=category"
    assert book.get(path).json["items"] == [
        {"period": "2026-W47", "group": "sales", "credits": "150.75", "debits": "0.00",
         "net": "150.75", "entries": 1},
        {"period": "2026-W47", "group": "suppliers", "credits": "0.00", "debits": "20.00",
         "net": "-20.00", "entries": 1},
        {"period": "2026-W47", "group": None, "credits": "1000.00", "debits": "0.00",
         "net": "1000.00", "entries": 1},
    ]  # fmt: skip
    by_month = book.get("/v1/cash-flow?from=2026-11-16&to=2026-11-30&by=month").json
    assert [(item["period"], item["net"]) for item in by_month["items"]] == [("2026-11", "1130.75")]
    assert set(by_month) == {"items", "freshness"}


def test_an_entry_that_is_in_is_told_to_be(deployed: Deployed) -> None:
    entry = deployed.asker.post("/v1/entries", {"type": "credit", "amount": "1.00"}).json
    deployed.project()
    path = f"/v1/daily-balances/{entry['day']}?after={entry['id']}"
    response = deployed.asker.get(path, if_none_match="*")
    assert response.json["freshness"] == {"as_of": entry["recorded_at"], "complete": True}
    assert deployed.table.wire.calls == ["PutItem", "Scan"]


def test_an_entry_that_is_late_is_waited_for(deployed: Deployed) -> None:
    entry = deployed.asker.post("/v1/entries", {"type": "credit", "amount": "1.00"}).json
    path = f"/v1/daily-balances?from={entry['day']}&to={entry['day']}&after={entry['id']}"
    late = threading.Timer(0.3, deployed.project)
    late.start()
    response = deployed.asker.get(path).json
    late.join()
    assert (response["items"][0]["closing"], response["freshness"]["complete"]) == ("1.00", True)


def test_an_entry_that_never_comes_is_waited_for_2_seconds(deployed: Deployed) -> None:
    entry = deployed.asker.post("/v1/entries", {"type": "credit", "amount": "1.00"}).json
    started = time.monotonic()
    response = deployed.asker.get(f"/v1/daily-balances/{entry['day']}?after={entry['id']}").json
    assert response["freshness"]["complete"] is False
    assert 1.9 < time.monotonic() - started < 4


def test_while_the_projection_stands_still_the_next_reads_are_answered_at_once(
    deployed: Deployed,
) -> None:
    entry = deployed.asker.post("/v1/entries", {"type": "credit", "amount": "1.00"}).json
    path = f"/v1/daily-balances/{entry['day']}?after={entry['id']}"
    assert deployed.asker.get(path).json["freshness"]["complete"] is False
    calls = len(deployed.table.wire.calls)
    for _ in range(10):
        assert deployed.asker.get(path).json["freshness"]["complete"] is False
    assert len(deployed.table.wire.calls) == calls
    deployed.project()
    assert deployed.asker.get(path).json["freshness"]["complete"] is True


@pytest.mark.parametrize("whose", ["nobody", "rival"])
def test_an_entry_that_the_merchant_has_not_is_not_waited_for(book: ApiClient, whose: str) -> None:
    theirs = ApiClient("rival").post("/v1/entries", {"type": "credit", "amount": "1.00"}).json
    entry_id = theirs["id"] if whose == "rival" else "a" * 32
    started = time.monotonic()
    result = book.get(f"/v1/daily-balances/2026-11-22?after={entry_id}").json
    assert result["freshness"]["complete"] is False
    assert time.monotonic() - started < 1


def test_without_the_ledger_whoever_waits_is_answered_all_the_same(deployed: Deployed) -> None:
    deployed.table.wire.twist("BatchGetItem", unreachable)
    response = deployed.asker.get(f"/v1/daily-balances/2026-11-22?after={'a' * 32}")
    assert (response.status, response.json["freshness"]["complete"]) == (200, False)


def test_a_balance_that_was_read_is_not_sent_again(book: ApiClient) -> None:
    for path in ("/v1/daily-balances/2026-11-22", "/v1/cash-flow?from=2026-11-22&to=2026-11-22"):
        first = book.get(path)
        again = book.get(path, if_none_match=f'"x", W/{first.headers["ETag"]}')
        assert (again.status, again.text) == (304, "")


def test_a_merchant_without_entries_has_a_balance_of_nothing(book: ApiClient) -> None:
    result = ApiClient("nobody-yet").get("/v1/daily-balances/2026-11-22").json
    assert (result["opening"], result["closing"], result["entries"]) == ("0.00", "0.00", 0)
    assert result["freshness"] == {"as_of": None, "complete": None}


@pytest.mark.parametrize(
    ("path", "faults"),
    [
        ("daily-balances/2026-13-01", ["day"]),
        ("daily-balances/today?currency=X", ["currency", "day"]),
        (
            "daily-balances/2026-11-22?account=A&currency=brl&after=x&q=1",
            "account after currency q",
        ),
        ("daily-balances/2026-11-22?account=a&account=a", ["account"]),
        ("daily-balances/2026-11-22?account=", ["account"]),
        ("daily-balances", ["from", "to"]),
        ("daily-balances?from=2026-11-22", ["to"]),
        ("daily-balances?from=2026-11-22&to=2026-11-21&currency=X", ["currency", "to"]),
        ("daily-balances?from=2025-11-22&to=2026-11-23", ["to"]),
        ("cash-flow?from=2026-11-22&to=2026-11-22&by=year&group=x", ["by", "group"]),
        ("cash-flow?from=2026-11-22&to=2026-11-22&account=main", ["account"]),
    ],
)
def test_a_filter_that_cannot_be_is_refused(book: ApiClient, path: str, faults: Any) -> None:
    result: Told = book.get(f"/v1/{path}")
    assert result.status == 400
    assert result.faults == (faults.split() if isinstance(faults, str) else faults)


def test_366_days_may_be_asked_for(book: ApiClient) -> None:
    result = book.get("/v1/daily-balances?from=2025-11-23&to=2026-11-23")
    assert len(result.json["items"]) == 366
