"""The simulation sees: each mistake that is planted shows within a hundred stories."""

from contextlib import suppress

import pytest

from verification.simulation.mutants import Mutation, mutations, planted
from verification.simulation.scenario import tell
from verification.simulation.seeds import tell_one
from verification.simulation.stores.tables import Tables
from verification.simulation.violations import InvariantError

WITHIN = 100


@pytest.mark.parametrize("mutation", mutations().values(), ids=list(mutations()))
def test_a_planted_mistake_shows(mutation: Mutation) -> None:
    assert _first_seed_that_shows(mutation) is not None


def test_what_was_planted_is_gone_afterwards() -> None:
    right = Tables.add
    with planted(mutations()["no deduplication"]) as twist:
        with suppress(InvariantError):
            tell(0, twist)
        assert Tables.add is not right
    assert Tables.add is right
    assert tell_one(0).digest == tell_one(0).digest


def _first_seed_that_shows(mutation: Mutation) -> int | None:
    for seed in range(WITHIN):
        try:
            with planted(mutation) as twist:
                tell(seed, twist)
        except InvariantError:
            return seed
    return None
