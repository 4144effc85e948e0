"""The ranges of a consolidation run, and the JSON in which the state machine passes them on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.closing.ports import ReadModel

MERCHANT_RANGES = 96
SWEEP_LANES = 4
"""Both together at most 100, the limit of the state machine (stepfunctions/README.md)."""


@dataclass(frozen=True, slots=True)
class MerchantRange:
    """The merchants from `first` up to `before`, which is not included; None is the end."""

    first: str
    before: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the object that the state machine passes on."""
        return {"first": self.first, "before": self.before}


@dataclass(frozen=True, slots=True)
class SweepLane:
    """One of the lanes of the sweep, which share its segments and work at the same time."""

    number: int

    def to_json(self) -> dict[str, Any]:
        """Return the object that the state machine passes on."""
        return {"sweep": self.number}


@dataclass(frozen=True, slots=True)
class SingleMerchant:
    """A merchant that started the run for its own day."""

    merchant_id: str

    def to_json(self) -> dict[str, Any]:
        """Return the object that the state machine passes on."""
        return {"merchant": self.merchant_id}


Range = MerchantRange | SweepLane | SingleMerchant


def parse_range(item: Mapping[str, Any]) -> Range:
    """Return the range of an object that to_json() returned."""
    if "merchant" in item:
        return SingleMerchant(item["merchant"])
    if "sweep" in item:
        return SweepLane(item["sweep"])
    return MerchantRange(item["first"], item["before"])


def plan(read_model: "ReadModel", merchant_id: str | None) -> list[Range]:
    """Return the ranges of a run: of one merchant, or of all merchants."""
    if merchant_id is not None:
        return [SingleMerchant(merchant_id)]
    first = read_model.boundaries(MERCHANT_RANGES)
    return [*map(MerchantRange, first, [*first[1:], None])]


def sweep_lanes(merchant_id: str | None, is_caught_up: bool) -> list[Range]:
    """Return the lanes of a run's sweep: none for one merchant's run.

    None either while the projection is behind: the sweep would take late entries for lost ones.
    """
    return [*map(SweepLane, range(SWEEP_LANES))] if merchant_id is None and is_caught_up else []
