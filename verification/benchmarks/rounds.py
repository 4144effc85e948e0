"""Contenders measured in turns, so that a busy moment of the machine affects all of them."""

import contextlib
import gc
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Contender:
    """What is measured: `run` with the clock, `prepare` before each round without it.

    `units` is the number of things that one run does, such as entries.
    """

    name: str
    run: Callable[[], object]
    units: int = 1
    prepare: Callable[[], object] = nothing


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds a unit, by contender, one for each round."""

    seconds: Mapping[str, Sequence[float]]

    def best(self, name: str) -> float:
        """Return the seconds of a contender's best round, which nothing else disturbed."""
        return min(self.seconds[name])

    def ratio(self, name: str, to: str) -> float:
        """Return a contender's best time divided by the best time of `to`."""
        return self.best(name) / self.best(to)

    def speed(self, name: str) -> float:
        """Return the units a second of a contender's best round."""
        return 1 / self.best(name)


def interleaved(
    contenders: Sequence[Contender], rounds: int, clock: Callable[[], float] = time.perf_counter
) -> Measured:
    """Return what each contender took in each round, after one round to warm up.

    Another contender begins each round. Objects that exist already are hidden from the garbage
    collector, so that they slow nobody down.
    """
    for contender in contenders:
        _timed(contender, clock)
    gc.collect()
    gc.freeze()
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        start = number % len(contenders)
        for contender in [*contenders[start:], *contenders[:start]]:
            seconds[contender.name].append(_timed(contender, clock))
    gc.unfreeze()
    return Measured(seconds)


@contextlib.contextmanager
def silence_logs() -> Iterator[None]:
    """Discard what is printed, so that no terminal is measured."""
    with Path(os.devnull).open("w", encoding="utf-8") as null, contextlib.redirect_stdout(null):
        yield


def _timed(contender: Contender, clock: Callable[[], float]) -> float:
    contender.prepare()
    started = clock()
    contender.run()
    return (clock() - started) / contender.units
