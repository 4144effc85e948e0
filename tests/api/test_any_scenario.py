"""Whatever a merchant does in any order, the API agrees with the reference ledger."""

import itertools
from dataclasses import replace

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.api.conftest import Deployed
from tests.api.scenario import MerchantScenario
from tests.fixtures.night import LedgerInMemory, NightWorld

EXAMPLES, STEPS = 30, 30


def test_any_scenario_agrees_with_the_reference(
    deployed: Deployed, night_world: NightWorld
) -> None:
    numbers = itertools.count(1)

    class OneScenario(MerchantScenario):
        def __init__(self) -> None:
            # Scenarios share the stores, so each has a merchant that no other scenario uses.
            merchant = f"{night_world.merchant}-{next(numbers)}"
            world = replace(night_world, merchant=merchant, ledger=LedgerInMemory(), bucket={})
            super().__init__(deployed, world)

    run_state_machine_as_test(
        OneScenario,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
