"""A planted mistake is detected by a violated invariant, and by no other error."""

import pytest

from verification.simulation.violations import DOUBLED, LOST, InvariantError
from verification.simulation_run import first_seed

LOSS = f"{InvariantError(LOST, 'gone')}"
CRASH = "Traceback (most recent call last):\n  File …\nKeyError: 'lost: not an invariant'\n"


@pytest.mark.parametrize(
    ("failures", "seed"),
    [
        ({"12": f"{InvariantError(DOUBLED, 'twice')}", "7": LOSS}, 7),
        ({"3": CRASH, "9": LOSS}, 9),
        ({"3": CRASH}, None),
        ({}, None),
    ],
)
def test_first_violation_detects_mistake(failures: dict[str, str], seed: int | None) -> None:
    assert first_seed(failures) == seed
