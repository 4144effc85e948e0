"""What faults lay hands on, and what a fault is."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from verification.fault_injection.emulator_log import EmulatorLog
from verification.fault_injection.fault_proxy import Wire
from verification.local_cluster import Laptop

SECONDS_FOR_A_WORKER = 3.0

Settle = Callable[[], int]
"""Ends a fault, and says how often it hit something."""


SECONDS_TO_BE_WELL = 180.0


@dataclass
class Stage:
    """What faults lay hands on; `done` counts them by kind, `chance` decides their moments.

    `broken` counts what kills broke off in the midst, by kind, and `blow_at` is the moment of the
    newest blow. `unanswered` tells how many requests failed so far.
    """

    laptop: Laptop
    postgres: Wire
    valkey: Wire
    chance: random.Random
    unanswered: Callable[[], int]
    done: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    blow_at: float = 0.0

    def fault(self) -> None:
        """Remember that a blow strikes now."""
        self.blow_at = time.monotonic()

    @property
    def log(self) -> EmulatorLog:
        """The log of the emulator."""
        return EmulatorLog(self.laptop.places.emulator / "emulator.log")

    @property
    def kills(self) -> int:
        """How many times something was killed."""
        return sum(hits for kind, hits in self.done.items() if kind.endswith("killed"))


Watch = Callable[[Stage], Settle]


@dataclass(frozen=True)
class Fault:
    """A kind of fault; `share` says how often it comes among about a hundred.

    All must be well `within` seconds of its last blow. `watch`, where it can be seen what a kill
    broke off, begins to look and returns how to learn it.
    """

    kind: str
    share: int
    strike: Callable[[Stage], Settle]
    within: float = SECONDS_TO_BE_WELL
    watch: Watch | None = None


def workers_soon(laptop: Laptop, function: str) -> list[int]:
    """Return a function's processes, waiting a little until there are any."""
    end = time.monotonic() + SECONDS_FOR_A_WORKER
    while not (result := laptop.workers(function)) and time.monotonic() < end:
        time.sleep(0.01)
    return result
