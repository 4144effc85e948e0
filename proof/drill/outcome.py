"""How much a drill does, and what came of it."""

from dataclasses import dataclass

from proof.drill.audit import Audit
from proof.drill.seal_audit import SealAudit


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
    nights: dict[str, int]
    seals: SealAudit
    audit: Audit

    @property
    def clean(self) -> bool:
        """Whether nothing at all is wrong."""
        return self.audit.clean and not self.seals.faults
