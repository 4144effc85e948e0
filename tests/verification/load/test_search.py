"""The highest rate that is carried is found from below and from above."""

import pytest

from verification.load.arrivals import Told
from verification.load.search import highest, is_carried


def trial_of(limit: float) -> "list[float]":
    tried: list[float] = []

    def trial(rate: float) -> Told:
        tried.append(rate)
        return Told(rate, 1, 1000, 0 if rate <= limit else 500, 1, 1, 1, 1)

    result = highest(trial, 200)
    return [result, *tried]


@pytest.mark.parametrize("limit", [35.0, 199.0, 201.0, 640.0, 5000.0])
def test_the_search_comes_within_a_tenth_of_the_limit(limit: float) -> None:
    result, *tried = trial_of(limit)
    assert 0.9 * limit <= result <= limit
    assert len(tried) < 20


def test_a_request_in_a_thousand_may_be_lost() -> None:
    assert is_carried(Told(1, 1, 1000, 1, 1, 1, 1, 1))
    assert not is_carried(Told(1, 1, 1000, 2, 1, 1, 1, 1))
