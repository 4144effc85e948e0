"""How much a drill does, and what came of it."""

from dataclasses import dataclass

from proof.drill.audit import Audit


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is done: kills and entries at least, minutes at most, all decided by the seed."""

    kills: int
    entries: int
    seed: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a drill: everything that the report card tells of it."""

    seed: int
    seconds: float
    requests: dict[str, int]
    faults: dict[str, int]
    kills: int
    replays: int
    reversals: int
    poison_parked: int
    slowest_recovery_seconds: dict[str, float]
    largest_lag_seconds: float
    audit: Audit
