"""A hostile body costs at most as much as five good ones, and is rejected as a problem.

The benchmark measures time; here Python's calls are counted, which do not depend on the machine's
load. Below them runs the standard library's scanner, once over at most 256 KiB.
"""

import sys
from typing import Any

import pytest

from tests.api.conftest import Deployed
from verification.kit.api_client import Response
from verification.kit.hostile_bodies import GOOD, HOSTILE, SIZE


def calls_of_post(deployed: Deployed, body: bytes, key: str) -> tuple[int, Response]:
    calls = 0

    def count(_frame: Any, event: str, _what: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        response = deployed.client.post("/v1/entries", body, key)
    finally:
        sys.setprofile(None)
    return calls, response


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_body_costs_at_most_five_good(deployed: Deployed, name: str) -> None:
    deployed.client.post("/v1/entries", GOOD, "warm")
    good_calls, response = calls_of_post(deployed, GOOD, "k")
    assert response.status == 201
    assert len(HOSTILE[name]) <= SIZE or name == "300 KiB"
    calls, response = calls_of_post(deployed, HOSTILE[name], "h")
    assert response.status in (400, 413, 422)
    assert response.is_problem(response.status)
    assert len(response.text) < 20_000
    assert calls <= 5 * good_calls
    batch = b'{"entries":[' + HOSTILE[name] + b"]}"
    response = deployed.client.post("/v1/entries/batch", batch, key=None)
    (result,) = response.json.get("results", [{"status": response.status}])
    assert result["status"] in (400, 413, 422)


def test_problem_of_many_errors_stays_short(deployed: Deployed) -> None:
    response = deployed.client.post("/v1/entries", {f"{number:05}": 1 for number in range(900)})
    assert (response.status, len(response.json["errors"])) == (422, 102)
    assert len(deployed.client.post("/v1/entries", {"x" * 100_000: 1}).text) < 1000
