"""How much a drill does, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from verification.fault_injection.audit import Audit
from verification.fault_injection.seal_audit import SealAudit

FULL_KILLS = 300


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is done: kills and entries at least, minutes at most, all decided by the seed."""

    kills: int
    entries: int
    seed: int
    minutes: float

    @property
    def is_full(self) -> bool:
        """Whether every kind of fault must have struck."""
        return self.kills >= FULL_KILLS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a drill: everything that the report card tells of it.

    `faults` tells of every kind how often it struck, `broken` how many batches or requests kills
    broke off in the midst; the other processes that were killed were idle. `in_time` is whether it
    did all that was asked for.
    """

    seed: int
    seconds: float
    in_time: bool
    requests: dict[str, int]
    faults: dict[str, int]
    kills: int
    broken: dict[str, int]
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
        """Whether nothing at all is wrong, and in a full drill every kind of fault has struck."""
        is_shown = self.kills < FULL_KILLS or not self.never_hit
        return self.audit.clean and not self.seals.faults and is_shown

    @property
    def never_hit(self) -> list[str]:
        """The kinds of faults that struck nothing."""
        return never_hit(self.faults, self.broken)


def never_hit(faults: Mapping[str, int], broken: Mapping[str, int]) -> list[str]:
    """Return the kinds of faults that struck nothing, or nothing that was at work."""
    idle = [f"{kind} in the midst of work" for kind, number in broken.items() if not number]
    return [*(kind for kind, hits in faults.items() if not hits), *idle]
