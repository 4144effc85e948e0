"""The ranges of a consolidation run, and the JSON in which the state machine passes them on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.closing.ports import ReadModel

MERCHANT_RANGES = 96
SWEEP_SEGMENTS = 4
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
class SweepSegment:
    """One of the segments of the entries table that a run compares with the read model."""

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


Range = MerchantRange | SweepSegment | SingleMerchant


def parse_range(item: Mapping[str, Any]) -> Range:
    """Return the range of an object that to_json() returned."""
    if "merchant" in item:
        return SingleMerchant(item["merchant"])
    if "sweep" in item:
        return SweepSegment(item["sweep"])
    return MerchantRange(item["first"], item["before"])


def plan(read_model: "ReadModel", merchant_id: str | None) -> list[Range]:
    """Return the ranges of a run: of one merchant, or of all merchants and the ledger's sweep."""
    if merchant_id is not None:
        return [SingleMerchant(merchant_id)]
    first = read_model.boundaries(MERCHANT_RANGES)
    merchants = map(MerchantRange, first, [*first[1:], None])
    return [*merchants, *map(SweepSegment, range(SWEEP_SEGMENTS))]
