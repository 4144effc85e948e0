"""How the night's work is divided into ranges; apart from their passes, for it needs little."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.closing.ports import Books

MERCHANT_RANGES = 96
SWEEP_RANGES = 4
"""Together at most 100, which is what the state machine's own limits allow."""


def plan(books: "Books", merchant_id: str | None) -> list[dict[str, Any]]:
    """Return the ranges of a run: one merchant's own, or all merchants and the ledger's sweep."""
    if merchant_id is not None:
        return [{"merchant": merchant_id}]
    first = books.boundaries(MERCHANT_RANGES)
    merchants = [{"first": one, "before": end} for one, end in pairwise([*first, None])]
    return [*merchants, *({"sweep": number} for number in range(SWEEP_RANGES))]
