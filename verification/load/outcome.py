"""How much a load does, and what came of it."""

from dataclasses import dataclass

from verification.fault_injection.audit import Audit
from verification.load.arrivals import Told
from verification.load.search import is_carried
from verification.load.sizing import Cost, Need


@dataclass(frozen=True, slots=True)
class Extent:
    """How long and how much: rates are requests a second, `writes` are beside each of them.

    `trial_seconds` is how long one try of the search for the highest rate lasts, `most` where the
    search ends at the latest.
    """

    seconds: float
    http_rate: float
    pool_rate: float
    writes: float
    trial_seconds: float
    history: int
    functions: int
    connections: int
    most: float
    seed: int


@dataclass(frozen=True, slots=True)
class Phase:
    """One run of reads with writes beside them."""

    reads: Told
    writes: Told


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a load; `capacity` is how many requests a second one warm function answers."""

    extent: Extent
    http: Phase
    projector_down: Phase
    pool: Phase
    highest: Phase
    cost: Cost
    capacity: float
    needs: list[Need]
    audit: Audit

    @property
    def carried(self) -> bool:
        """Whether no read and no write was lost at the given rates, nor while nobody projected, and
        the highest rate was carried for the whole time.
        """
        given = (self.http, self.projector_down, self.pool)
        return (
            not any(phase.reads.lost or phase.writes.lost for phase in given)
            and self.audit.clean
            and is_carried(self.highest.reads)
        )
