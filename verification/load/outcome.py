"""The extent of a load, and its outcome."""

from dataclasses import dataclass

from verification.fault_injection.audit import Audit
from verification.load.open_loop import LoadResult
from verification.load.sizing import Cost, Need


@dataclass(frozen=True, slots=True)
class Extent:
    """How long and how much; rates are requests a second, `writes` run beside each phase.

    `trial_seconds` is the length of each trial in the search for the highest rate, which ends at
    `most`.
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

    reads: LoadResult
    writes: LoadResult


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures for the report."""

    extent: Extent
    http: Phase
    projector_down: Phase
    pool: Phase
    highest: Phase
    cost: Cost
    needs: list[Need]
    audit: Audit
