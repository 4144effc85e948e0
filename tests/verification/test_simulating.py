"""A planted mistake is shown by a promise that broke, and by nothing else."""

from verification.simulation.violations import DOUBLED, LOST, InvariantError
from verification.simulation_run import first_seed

FELL_OVER = "Traceback (most recent call last):\n  File …\nKeyError: 'lost: not a promise'\n"


def test_the_first_seed_that_broke_a_promise_shows_it() -> None:
    failures = {"12": f"{InvariantError(DOUBLED, 'twice')}", "7": f"{InvariantError(LOST, 'gone')}"}
    assert first_seed(failures) == 7


def test_a_mistake_that_falls_over_by_itself_shows_nothing() -> None:
    assert first_seed({"3": FELL_OVER}) is None
    assert first_seed({"3": FELL_OVER, "9": f"{InvariantError(LOST, 'gone')}"}) == 9


def test_no_failure_shows_nothing() -> None:
    assert first_seed({}) is None
