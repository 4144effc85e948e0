"""Every mutant is detected within a hundred scenarios."""

from contextlib import suppress

import pytest

from verification.simulation.mutants import mutations, planted
from verification.simulation.scenario import run_scenario, untraced
from verification.simulation.seeds import run_seed
from verification.simulation.stores.tables import Tables
from verification.simulation.violations import InvariantError

# Where to begin, so that they show at once; the others do in the first scenario.
FIRST_SEEDS = {
    "a rebuild that believes its scan": 496,
    "a rebuild that trusts rows of any sums": 33,
    "a rebuild whose pieces lose mismatches": 10,
    "claims without a condition": 20,
    "erased texts kept in Redis": 15,
    "erased texts replaced unless cached": 15,
    "errors of the projector swallowed": 8,
    "lost closings not restored": 16,
    "lost days between not closed": 66,
    "marks of late entries lost": 8,
    "no deduplication": 42,
    "no outbox of closings": 76,
    "no reconciliation with the ledger": 43,
    "Redis written before PostgreSQL": 12,
    "Redis written before the ledger": 19,
    "repairs without confirmation": 8,
    "rows and totals committed apart": 12,
}


@pytest.mark.parametrize("mutant", mutations())
def test_every_mutant_is_detected(mutant: str) -> None:
    first = FIRST_SEEDS.get(mutant, 0)
    with pytest.raises(InvariantError):
        for seed in (*range(first, first + 30), *range(100)):
            run_seed(seed, mutant, untraced)


def test_a_mutant_is_removed_afterwards() -> None:
    right = Tables.add
    with planted(mutations()["no deduplication"]) as twist:
        with suppress(InvariantError):
            run_scenario(0, twist)
        assert Tables.add is not right
    assert Tables.add is right
