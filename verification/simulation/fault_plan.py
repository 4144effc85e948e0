"""Which calls fail, and how: each scenario draws its failing stores, rates and kinds of faults."""

import random
from collections.abc import Sequence

from verification.simulation.clock import Clock
from verification.simulation.fault_proxy import Fate

GROUPS = (
    "dynamodb", "redis", "read_model", "queries", "closings", "kms", "s3", "eventbridge", "sqs",
    "stepfunctions",
)  # fmt: skip
_RATES = (0.0, 0.0, 0.02, 0.05, 0.12)
_FAULTS = tuple(fate for fate in Fate if fate is not Fate.ANSWERED)


class FaultPlan:
    """The random fates of a scenario's calls."""

    def __init__(self, chance: random.Random, clock: Clock) -> None:
        self._chance = chance
        self._clock = clock
        self._rates = {group: chance.choice(_RATES) for group in GROUPS}
        self._faults: Sequence[Fate] = chance.sample(_FAULTS, chance.randint(1, len(_FAULTS)))
        self._slowness = chance.choice((0.0, 0.02, 0.08))
        self._down: dict[str, int] = {}
        self.is_calm = False

    def fate(self, port: str) -> Fate:
        """Return what happens to the next call to a port."""
        self._clock.tick()
        if self.is_calm:
            return Fate.ANSWERED
        group = port.partition(".")[0]
        if self._is_down(group):
            return Fate.REQUEST_LOST
        if self._chance.random() >= self._rates[group]:
            return Fate.ANSWERED
        return self._chance.choice(self._faults)

    def delay(self) -> int:
        """Return for how many turns the next call is on its way."""
        if self.is_calm or self._chance.random() >= self._slowness:
            return 0
        return self._chance.choice((5, 20, 80))

    def take_down(self, group: str, calls: int) -> None:
        """Let a store be unreachable for its next `calls` calls."""
        self._down[group] = calls

    def clear(self) -> None:
        """Let nothing fail from now on."""
        self.is_calm = True
        self._down = {}

    def _is_down(self, group: str) -> bool:
        remaining = self._down.get(group, 0)
        self._down[group] = remaining - 1
        return remaining > 0
