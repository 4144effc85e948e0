"""A consolidation run, and the counts of what it did."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class ConsolidationRun:
    """The name of a run's execution, and the newest day that it closes.

    `late_before` is given where the projection is behind: a merchant of which an entry that was
    recorded before this moment is not projected fails.
    """

    name: str
    day: date
    late_before: datetime | None = None


class Counts(NamedTuple):
    """Numbers of merchants consolidated, days closed, lines repaired and merchants failed.

    `failed` also has 1 for each pass that could not announce its closings or note its merchants.
    """

    merchants: int = 0
    closed: int = 0
    repaired: int = 0
    failed: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Return the sums of both."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))
