"""Ten thousand entries, out of order and some sent twice, through the real stream."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.api.conftest import Api
from verification.kit.api_client import ApiClient, fresh_account

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
DAYS = 360
ENTRIES = 10_000
TWICE = 1_000
BATCH = 100
PATIENCE_SECONDS = 240

Requests = list[dict[str, Any]]


def test_disordered_duplicates_give_the_plain_sums(http_api: Api) -> None:
    operator = http_api.operator
    chance, account = random.Random(20261123), fresh_account()
    wanted = [_request(chance, account, number) for number in range(ENTRIES)]
    sent = wanted + chance.sample(wanted, TWICE)
    chance.shuffle(sent)
    for batch in _batches(sent):
        results = operator.post("/v1/entries/batch", {"entries": batch}).json["results"]
        assert {result["status"] for result in results} == {201}
    first = datetime.now(SAO_PAULO).date() - timedelta(days=DAYS + 1)
    closings = _closings(
        operator, f"from={first}&to={first + timedelta(days=DAYS + 1)}&account={account}"
    )
    assert closings == _plain_sum(wanted, [day for day, _, _ in closings])


def _request(chance: random.Random, account: str, number: int) -> dict[str, Any]:
    occurred = datetime.now(UTC) - timedelta(seconds=chance.randrange(DAYS * 86_400))
    return {
        "idempotency_key": f"{account}-{number}",
        "type": chance.choice(["credit", "debit"]),
        "amount": f"{chance.randrange(1, 100_000)}.{chance.randrange(100):02}",
        "account": account,
        "occurred_at": occurred.isoformat(timespec="seconds"),
    }


def _batches(requests: Requests) -> Iterator[Requests]:
    for start in range(0, len(requests), BATCH):
        yield requests[start : start + BATCH]


def _closings(operator: ApiClient, query: str) -> list[tuple[str, int, int]]:
    """Return each day with its closing balance in cents and its entries, once all are included."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        items = operator.get(f"/v1/daily-balances?{query}").json["items"]
        if sum(item["entries"] for item in items) >= ENTRIES:
            return [(item["day"], _cents(item["closing"]), item["entries"]) for item in items]
        assert time.monotonic() < end, "the read model never held all entries"
        time.sleep(0.5)


def _plain_sum(wanted: Requests, days: list[str]) -> list[tuple[str, int, int]]:
    effects: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for entry in wanted:
        day = datetime.fromisoformat(entry["occurred_at"]).astimezone(SAO_PAULO).date().isoformat()
        counts[day] += 1
        effects[day] += _cents(entry["amount"]) * (1 if entry["type"] == "credit" else -1)
    balance, expected = 0, []
    for day in days:
        balance += effects[day]
        expected.append((day, balance, counts[day]))
    return expected


def _cents(amount: str) -> int:
    return int(amount.replace(".", ""))
