"""Whatever a merchant does in whatever order, the service tells what a plain book would."""

import itertools
from dataclasses import replace

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fixtures.night import LedgerInMemory, NightWorld
from tests.api.conftest import Deployed
from tests.api.story import Story

EXAMPLES, STEPS = 30, 30


def test_any_story_is_told_as_a_plain_book_has_it(
    deployed: Deployed, night_world: NightWorld
) -> None:
    numbers = itertools.count(1)

    class MerchantsStory(Story):
        def __init__(self) -> None:
            # Stories share the stores, so each has a merchant that no other story knows.
            merchant = f"{night_world.merchant}-{next(numbers)}"
            world = replace(night_world, merchant=merchant, ledger=LedgerInMemory(), bucket={})
            super().__init__(deployed, world)

    run_state_machine_as_test(
        MerchantsStory,
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
