"""Many stories, several processes at a time: what they were in all, and which seeds failed."""

import hashlib
import os
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from tests.simulation.mutants import mutations, planted
from tests.simulation.story import Narrate, Told, tell
from tests.simulation.violations import Violation

AT_ONCE = 20


@dataclass
class Outcome:
    """What stories were in all; `failures` tells by seed what did not stay true."""

    seeds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)
    digest: str = ""

    def add(self, other: "Outcome") -> None:
        """Take in what came next."""
        self.seeds += other.seeds
        self.counts += other.counts
        self.failures |= other.failures
        self.digest = hashlib.sha256(f"{self.digest}{other.digest}".encode()).hexdigest()


def run(seeds: Sequence[int], workers: int, mutant: str | None = None) -> Iterator[Outcome]:
    """Tell the stories of seeds, and yield what they were in all whenever some more are done."""
    parts = [seeds[start : start + AT_ONCE] for start in range(0, len(seeds), AT_ONCE)]
    total = Outcome()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for outcome in pool.map(_told, parts, [mutant] * len(parts)):
            total.add(outcome)
            yield total


def tell_one(seed: int, mutant: str | None = None, narrate: Narrate | None = None) -> Told:
    """Tell one story, with a mistake planted if one is named; raise Violation if it shows."""
    if mutant is None:
        return tell(seed, narrate=narrate)
    with planted(mutations()[mutant]) as twist:
        return tell(seed, twist, narrate)


def processors() -> int:
    """Return how many stories this machine can tell at a time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _told(seeds: Sequence[int], mutant: str | None) -> Outcome:
    outcome = Outcome(seeds=len(seeds))
    for seed in seeds:
        try:
            told = tell_one(seed, mutant)
        except Violation as violation:
            outcome.failures[seed] = str(violation)
        except Exception:
            outcome.failures[seed] = traceback.format_exc()
        else:
            outcome.add(Outcome(0, told.counts, {}, told.digest))
    return outcome
