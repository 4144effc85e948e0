"""What faults lay hands on, and what a fault is."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from proof.drill.wires import Wire
from proof.laptop import Laptop

SECONDS_FOR_A_WORKER = 3.0

Settle = Callable[[], int]
"""Ends a fault, and says how often it hit something."""


@dataclass
class Stage:
    """What faults lay hands on; `done` counts them by kind, `chance` decides their moments."""

    laptop: Laptop
    postgres: Wire
    valkey: Wire
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)

    @property
    def kills(self) -> int:
        """How many times something was killed."""
        return sum(hits for kind, hits in self.done.items() if kind.endswith("killed"))


@dataclass(frozen=True)
class Fault:
    """A kind of fault; `share` says how often it comes among about a hundred."""

    kind: str
    share: int
    strike: Callable[[Stage], Settle]


def workers_soon(laptop: Laptop, function: str) -> list[int]:
    """Return a function's processes, waiting a little until there are any."""
    end = time.monotonic() + SECONDS_FOR_A_WORKER
    while not (found := laptop.workers(function)) and time.monotonic() < end:
        time.sleep(0.01)
    return found
