"""Requests are due at moments fixed in advance, and late ones are told as late."""

import math
from itertools import pairwise

from verification.load.arrivals import arrivals, offer, told


def test_moments_are_fixed_by_the_seed_and_come_at_the_rate() -> None:
    moments = arrivals(rate=100, seconds=50, seed=3)
    assert moments == arrivals(rate=100, seconds=50, seed=3)
    assert moments != arrivals(rate=100, seconds=50, seed=4)
    assert all(a < b for a, b in pairwise(moments)) and moments[-1] < 50
    assert abs(len(moments) - 5000) < 300


def test_every_request_is_sent_once_whoever_is_free() -> None:
    request: list[int] = []

    def ask(number: int) -> bool:
        request.append(number)
        return True

    summary = offer([0.0] * 200, [ask] * 4, rate=1)
    assert sorted(request) == list(range(200))
    assert (summary.requests, summary.lost) == (200, 0)


def test_a_request_that_waits_for_another_is_late_itself() -> None:
    # All are due at once and one asks for all, so each latency holds those before it.
    summary = offer([0.0] * 2000, [lambda _number: bool(sum(range(300)))], rate=1)
    assert summary.longest_ms > 5 * summary.p50_ms / 4
    assert summary.p90_ms > summary.p50_ms > 0


def test_wrong_and_late_answers_are_lost() -> None:
    summary = told(10, 1, [0.010, 0.020, 2.0, math.inf])
    assert (summary.requests, summary.lost, summary.loss) == (4, 2, 0.5)
    assert (summary.p50_ms, summary.p90_ms) == (20.0, 10_000.0)


def test_percentiles_are_of_real_requests() -> None:
    summary = told(10, 1, [number / 1000 for number in range(1, 101)])
    assert (summary.p50_ms, summary.p90_ms, summary.p99_ms) == (50.0, 90.0, 99.0)
    assert summary.longest_ms == 100.0
