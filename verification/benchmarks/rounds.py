"""Contenders measured by turns, so that a busy moment of the machine meets all of them alike."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Contender:
    """What is measured: `run` by the clock, `prepare` before each round and without it.

    `units` are the things that one run does, such as entries, so that a slow contender may do
    fewer of them than a fast one.
    """

    name: str
    run: Callable[[], object]
    units: int = 1
    prepare: Callable[[], object] = nothing


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds a unit, by contender, one for each round."""

    seconds: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def best(self, name: str) -> float:
        """Return the seconds of a contender's best round: what it takes when nobody disturbs it."""
        return min(self.seconds[name])

    def ratio(self, name: str, to: str) -> float:
        """Return how many times the best time of `to` a contender takes at its own best."""
        return self.best(name) / self.best(to)

    def speed(self, name: str) -> float:
        """Return the units a second of a contender's best round."""
        return 1 / self.best(name)


def interleaved(
    contenders: Sequence[Contender],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
    warm: bool = True,
) -> Measured:
    """Return what each contender took in each round, after one that warms up unless told not to.

    Who begins changes from round to round. What the benchmark itself keeps in memory is taken out
    of the garbage collector's sight, so that it weighs on nobody.
    """
    for one in contenders if warm else ():
        _timed(one, clock)
    gc.collect()
    gc.freeze()
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        start = number % len(contenders)
        for one in [*contenders[start:], *contenders[:start]]:
            seconds[one.name].append(_timed(one, clock))
    gc.unfreeze()
    return Measured(seconds)


def _timed(one: Contender, clock: Callable[[], float]) -> float:
    one.prepare()
    started = clock()
    one.run()
    return (clock() - started) / one.units
