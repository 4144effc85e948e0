"""An operation of the product with its limits, and what operations are called with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.queries.entry_list import Position
from verification.statement_limits.seed import Extent

SMALL = "m0001"
CURRENCY = "BRL"


@dataclass(frozen=True, slots=True)
class Operation:
    """A call of the product, the most blocks that it may read, and its longest time."""

    name: str
    call: Callable[[], object]
    blocks: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the operations need to know of the read model; positions are of the large merchant."""

    extent: Extent
    end_of_list: Position
    within_large_day: Position
    entry_ids: Sequence[str]
    merchants: Sequence[str]
