"""Contenders take turns, and are told by the best of them."""

import itertools
from functools import partial

from verification.benchmarks.rounds import Contender, Measured, interleaved


def test_contenders_take_turns_and_another_begins_each_round() -> None:
    ran: list[str] = []
    contenders = [Contender(name, partial(ran.append, name)) for name in "abc"]
    interleaved(contenders, 3)
    assert "".join(ran) == "abc" + "abc" + "bca" + "cab"


def test_what_is_prepared_is_not_measured_and_time_is_told_by_the_unit() -> None:
    seconds = itertools.count(step=2)
    prepared: list[int] = []
    one = Contender("one", lambda: None, units=4, prepare=lambda: prepared.append(next(seconds)))
    measured = interleaved([one], 2, clock=lambda: float(next(seconds)))
    assert measured.seconds == {"one": [0.5, 0.5]}
    assert len(prepared) == 3


def test_ratios_and_speeds_are_of_the_best_rounds() -> None:
    measured = Measured({"slow": [9.0, 4.0], "fast": [2.0, 8.0]})
    assert measured.ratio("slow", "fast") == 2.0
    assert measured.speed("fast") == 0.5
