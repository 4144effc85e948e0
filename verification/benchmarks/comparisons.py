"""Every comparison by its name, and at which size it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from verification.benchmarks.results import Finding


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: rounds of each contender, and entries in the large comparisons."""

    rounds: int
    entries: int

    @property
    def sealed(self) -> int:
        """Entries of the day that is sealed."""
        return max(1, self.entries // 10)

    @property
    def others(self) -> int:
        """Days of other merchants in the read model that is read."""
        return max(1, self.entries // 5)


def _projection(extent: Extent) -> Finding:
    from verification.benchmarks import projection

    return projection.measure(extent.rounds, extent.entries)


def _rebuilding(extent: Extent) -> Finding:
    from verification.benchmarks import rebuilding

    return rebuilding.measure(extent.rounds, extent.entries)


def _recounting(extent: Extent) -> Finding:
    from verification.benchmarks import recompute_totals

    return recompute_totals.measure(extent.rounds, extent.entries)


def _handler(extent: Extent) -> Finding:
    from verification.benchmarks import handler_cost

    return handler_cost.measure(extent.rounds)


def _idempotency(extent: Extent) -> Finding:
    from verification.benchmarks import idempotency

    return idempotency.measure(extent.rounds)


def _reads(extent: Extent) -> Finding:
    from verification.benchmarks import reads

    return reads.measure(extent.rounds, extent.others)


def _seals(extent: Extent) -> Finding:
    from verification.benchmarks import seals_cost

    return seals_cost.measure(extent.rounds, extent.sealed)


# Each imports what it measures when it begins, and runs in a process of its own: what one keeps in
# memory would slow down the next.
COMPARISONS: Mapping[str, Callable[[Extent], Finding]] = {
    "projection": _projection,
    "rebuild": _rebuilding,
    "recount": _recounting,
    "handler": _handler,
    "idempotency": _idempotency,
    "reads": _reads,
    "seals": _seals,
}
