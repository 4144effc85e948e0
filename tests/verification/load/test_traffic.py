"""A response is right only if its balances add up."""

import json
from datetime import date
from typing import Any

from verification.kit.api_client import Response
from verification.load.traffic import BalanceRead, balance_reads

DAY = {"opening": "10.00", "credits": "5.00", "debits": "20.00", "closing": "-5.00"}
ONE = BalanceRead(date(2026, 11, 23), None)
SEVERAL = BalanceRead(date(2026, 11, 22), date(2026, 11, 23))


def is_right(request: BalanceRead, body: Any, status: int = 200) -> bool:
    return request.is_right(Response(status, {}, json.dumps(body).encode()))


def test_balance_must_add_up() -> None:
    assert is_right(ONE, DAY)
    assert not is_right(ONE, DAY | {"closing": "-5.01"})
    assert not is_right(ONE, {"title": "Service Unavailable"}, 503)


def test_days_must_open_with_previous_closing() -> None:
    after = {"opening": "-5.00", "credits": "0.00", "debits": "0.00", "closing": "-5.00"}
    assert is_right(SEVERAL, {"items": [DAY, after]})
    assert not is_right(SEVERAL, {"items": [DAY, DAY]})


def test_seed_decides_mostly_single_days() -> None:
    requests = balance_reads(1000, seed=3)
    assert requests == balance_reads(1000, seed=3) != balance_reads(1000, seed=4)
    assert 700 < sum(request.last is None for request in requests) < 900
    assert SEVERAL.path == "/v1/daily-balances?from=2026-11-22&to=2026-11-23"
    assert SEVERAL.event("padaria")["queryStringParameters"]["to"] == "2026-11-23"
