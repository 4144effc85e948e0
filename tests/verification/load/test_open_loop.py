"""Requests are due at moments fixed in advance; late ones are lost; the highest rate is found."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from verification.load.open_loop import LoadResult, arrival_times, highest, offer, summary


def test_seed_fixes_moments_at_the_rate() -> None:
    moments = arrival_times(rate=100, seconds=50, seed=3)
    assert moments == arrival_times(rate=100, seconds=50, seed=3)
    assert moments != arrival_times(rate=100, seconds=50, seed=4)
    assert all(a < b for a, b in pairwise(moments)) and moments[-1] < 50
    assert abs(len(moments) - 5000) < 300


def test_every_request_is_sent_once() -> None:
    sent: list[int] = []

    def send(number: int) -> bool:
        sent.append(number)
        return True

    result = offer([0.0] * 200, [send] * 4, rate=1)
    assert sorted(sent) == list(range(200))
    assert (result.requests, result.lost) == (200, 0)


def test_waiting_request_is_late_itself() -> None:
    # All are due at once with one sender, so each latency includes those before it.
    result = offer([0.0] * 2000, [lambda _number: bool(sum(range(300)))], rate=1)
    assert result.longest_ms > 5 * result.p50_ms / 4
    assert result.p90_ms > result.p50_ms > 0


def test_wrong_and_late_responses_are_lost() -> None:
    result = summary(10, 1, [0.010, 0.020, 2.0, math.inf])
    assert (result.requests, result.lost) == (4, 2)
    assert (result.p50_ms, result.p90_ms) == (20.0, 10_000.0)


def test_percentiles_are_of_real_requests() -> None:
    result = summary(10, 1, [number / 1000 for number in range(1, 101)])
    assert (result.p50_ms, result.p90_ms, result.p99_ms) == (50.0, 90.0, 99.0)
    assert result.longest_ms == 100.0


CARRIED = LoadResult(200.0, 1.0, 1000, 0, 1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("limit", [35.0, 199.0, 201.0, 640.0, 5000.0])
def test_search_comes_within_a_tenth(limit: float) -> None:
    tried: list[float] = []

    def trial(rate: float) -> LoadResult:
        tried.append(rate)
        return replace(CARRIED, lost=0 if rate <= limit else 500)

    assert 0.9 * limit <= highest(trial, 200) <= limit
    assert len(tried) < 20


def test_one_request_in_thousand_may_be_lost() -> None:
    assert replace(CARRIED, lost=1).is_carried
    assert not replace(CARRIED, lost=2).is_carried
