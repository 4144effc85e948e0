"""Every mutant is detected within a hundred scenarios."""

from contextlib import suppress

import pytest

from verification.simulation.mutants import Mutation, mutations, planted
from verification.simulation.scenario import run_scenario
from verification.simulation.seeds import run_seed
from verification.simulation.stores.tables import Tables
from verification.simulation.violations import InvariantError

WITHIN = 100


@pytest.mark.parametrize("mutation", mutations().values(), ids=list(mutations()))
def test_every_mutant_is_detected(mutation: Mutation) -> None:
    assert _first_seed_that_shows(mutation) is not None


def test_a_mutant_is_removed_afterwards() -> None:
    right = Tables.add
    with planted(mutations()["no deduplication"]) as twist:
        with suppress(InvariantError):
            run_scenario(0, twist)
        assert Tables.add is not right
    assert Tables.add is right
    assert run_seed(0).digest == run_seed(0).digest


def _first_seed_that_shows(mutation: Mutation) -> int | None:
    for seed in range(WITHIN):
        try:
            with planted(mutation) as twist:
                run_scenario(seed, twist)
        except InvariantError:
            return seed
    return None
