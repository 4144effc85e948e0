"""Ten thousand entries, out of order and some sent twice, through the real stream."""

import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.conftest import Api
from verification.kit.api_client import ApiClient, fresh_account
from verification.kit.reference_model import ExpectedEntry, ReferenceLedger, business_day

DAYS, ENTRIES, TWICE, BATCH = 364, 10_000, 1_000, 100


def test_disordered_duplicates_give_the_plain_sums(http_api: Api) -> None:
    chance, account = random.Random(20261123), fresh_account()
    wanted = [_request(chance, account, number) for number in range(ENTRIES)]
    sent = wanted + chance.sample(wanted, TWICE)
    chance.shuffle(sent)
    for start in range(0, len(sent), BATCH):
        batch = {"entries": sent[start : start + BATCH]}
        results = http_api.operator.post("/v1/entries/batch", batch).json["results"]
        assert {result["status"] for result in results} == {201}
    first = business_day(datetime.now(UTC)) - timedelta(days=DAYS + 1)
    last = first + timedelta(days=DAYS + 1)  # 366 days, the longest range
    expected = ReferenceLedger(map(_expected, wanted)).balances("", first, last, account, "BRL")
    assert _closings(http_api.operator, f"from={first}&to={last}&account={account}") == [
        (str(balance.day), balance.closing_minor, balance.totals.entries) for balance in expected
    ]


def _request(chance: random.Random, account: str, number: int) -> dict[str, Any]:
    occurred = datetime.now(UTC) - timedelta(seconds=chance.randrange(DAYS * 86_400))
    return {
        "idempotency_key": f"{account}-{number}",
        "type": chance.choice(["credit", "debit"]),
        "amount": f"{chance.randrange(1, 100_000)}.{chance.randrange(100):02}",
        "account": account,
        "occurred_at": occurred.isoformat(timespec="seconds"),
    }


def _expected(sent: dict[str, Any]) -> ExpectedEntry:
    day = business_day(datetime.fromisoformat(sent["occurred_at"]))
    minor, key = _cents(sent["amount"]), sent["idempotency_key"]
    return ExpectedEntry(key, "", sent["type"], minor, "BRL", sent["account"], day)


def _closings(operator: ApiClient, query: str) -> list[tuple[str, int, int]]:
    """Return each day with its closing balance in cents and its entries, once all are included."""
    end = time.monotonic() + 240
    while True:
        items = operator.get(f"/v1/daily-balances?{query}").json["items"]
        if sum(item["entries"] for item in items) >= ENTRIES:
            return [(item["day"], _cents(item["closing"]), item["entries"]) for item in items]
        assert time.monotonic() < end, "the read model never held all entries"
        time.sleep(0.5)


def _cents(amount: str) -> int:
    return int(amount.replace(".", ""))
