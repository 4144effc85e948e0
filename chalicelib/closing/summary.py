"""What a run did in all: from its ranges, and from what the read model keeps under its name."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.closing.ports import Books


def summarize(books: "Books", run: str, outcomes: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many merchants were gone through and failed, days closed and lines repaired.

    A pass that ended before it could tell did its work all the same, so closings and repairs are
    counted where they are kept. `failed_ranges` did not come to their end.
    """
    result = list(outcomes)
    closed, repaired = books.counts(run)
    return {
        "merchants": sum(outcome["merchants"] for outcome in result),
        "closed": closed,
        "repaired": repaired,
        "failed": sum(outcome["failed"] for outcome in result),
        "failed_ranges": sum(outcome["error"] is not None for outcome in result),
    }
