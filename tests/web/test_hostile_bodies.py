"""A body made to cost much costs no more than five good ones, and is refused cleanly.

Time is for the benchmark; here Python's calls are counted, which no machine's load changes. What
runs below them is the standard library's scanner, one pass over at most 256 KiB.
"""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.asking import Told
from tests.web.conftest import Deployed
from tests.web.hostile_bodies import GOOD, HOSTILE, SIZE

FACTOR = 5


def calls_of(act: Callable[[], Told]) -> tuple[int, Told]:
    calls = 0

    def count(_frame: Any, event: str, _what: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        result = act()
    finally:
        sys.setprofile(None)
    return calls, result


@pytest.fixture
def good_calls(deployed: Deployed) -> int:
    deployed.asker.post("/v1/entries", GOOD, "warm")
    calls, result = calls_of(lambda: deployed.asker.post("/v1/entries", GOOD, "k"))
    assert result.status == 201
    return calls


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_at_the_cost_of_five_good_ones_at_most(
    deployed: Deployed, good_calls: int, name: str
) -> None:
    assert len(HOSTILE[name]) <= SIZE or name == "300 KiB"
    calls, result = calls_of(lambda: deployed.asker.post("/v1/entries", HOSTILE[name], "h"))
    assert result.status in (400, 413, 422)
    assert result.headers["Content-Type"] == "application/problem+json"
    assert len(result.text) < 20_000
    assert calls <= FACTOR * good_calls


@pytest.mark.parametrize("name", HOSTILE)
def test_a_batch_refuses_it_cleanly_too(deployed: Deployed, name: str) -> None:
    wrapped = b'{"entries":[' + HOSTILE[name] + b"]}"
    response = deployed.asker.post("/v1/entries/batch", wrapped, key=None)
    refusals = response.json.get("results", [{"status": response.status}])
    assert all(result["status"] in (400, 413, 422) for result in refusals)


def test_a_million_characters_of_answers_cannot_be_asked_for(deployed: Deployed) -> None:
    unknown = {f"{number:05}": 1 for number in range(900)}
    response = deployed.asker.post("/v1/entries", unknown)
    assert response.status == 422
    assert len(response.json["errors"]) == 102
    response = deployed.asker.post("/v1/entries", {"x" * 100_000: 1})
    assert len(response.text) < 1000
