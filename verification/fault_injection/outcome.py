"""The extent of a fault injection, and its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass

from verification.fault_injection.audit import Audit
from verification.fault_injection.seals import SealAudit
from verification.thresholds import KILLS


@dataclass(frozen=True, slots=True)
class Extent:
    """The least number of kills and entries, and the most minutes; the seed decides the faults."""

    kills: int
    entries: int
    seed: int
    minutes: float

    @property
    def is_full(self) -> bool:
        """Whether every kind of fault must strike."""
        return self.kills >= KILLS


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures for the report.

    `faults` counts by kind what struck, `interrupted` the batches or requests that kills broke off;
    other killed processes were idle. `in_time` is False if time ran out before everything was done.
    `runs` counts consolidation runs by status.
    """

    seed: int
    seconds: float
    in_time: bool
    requests: Mapping[str, int]
    faults: Mapping[str, int]
    kills: int
    interrupted: Mapping[str, int]
    replays: int
    reversals: int
    dead_letters: int
    slowest_recovery_seconds: Mapping[str, float]
    largest_lag_seconds: float
    runs: Mapping[str, int]
    seals: SealAudit
    audit: Audit
