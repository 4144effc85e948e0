"""A hostile body costs at most as much as five good ones, and is rejected as a problem.

The benchmark measures time; here Python's calls are counted, which do not depend on the machine's
load. Below them runs the standard library's scanner, once over at most 256 KiB.
"""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Deployed
from verification.kit.api_client import Response
from verification.kit.hostile_bodies import GOOD, HOSTILE, SIZE

FACTOR = 5


def calls_of(act: Callable[[], Response]) -> tuple[int, Response]:
    calls = 0

    def count(_frame: Any, event: str, _what: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        response = act()
    finally:
        sys.setprofile(None)
    return calls, response


@pytest.fixture
def good_calls(deployed: Deployed) -> int:
    deployed.client.post("/v1/entries", GOOD, "warm")
    calls, response = calls_of(lambda: deployed.client.post("/v1/entries", GOOD, "k"))
    assert response.status == 201
    return calls


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_body_costs_at_most_five_good(
    deployed: Deployed, good_calls: int, name: str
) -> None:
    assert len(HOSTILE[name]) <= SIZE or name == "300 KiB"
    calls, response = calls_of(lambda: deployed.client.post("/v1/entries", HOSTILE[name], "h"))
    assert response.status in (400, 413, 422)
    assert response.headers["content-type"] == "application/problem+json"
    assert len(response.text) < 20_000
    assert calls <= FACTOR * good_calls


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_batch_item_is_rejected(deployed: Deployed, name: str) -> None:
    wrapped = b'{"entries":[' + HOSTILE[name] + b"]}"
    response = deployed.client.post("/v1/entries/batch", wrapped, key=None)
    rejected = response.json.get("results", [{"status": response.status}])
    assert all(result["status"] in (400, 413, 422) for result in rejected)


def test_problem_of_many_errors_stays_short(deployed: Deployed) -> None:
    unknown = {f"{number:05}": 1 for number in range(900)}
    response = deployed.client.post("/v1/entries", unknown)
    assert response.status == 422
    assert len(response.json["errors"]) == 102
    response = deployed.client.post("/v1/entries", {"x" * 100_000: 1})
    assert len(response.text) < 1000
