"""Money in and out by month, as the service tells it and as the book adds it up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from verification.fault_injection.book import Accepted
from verification.fault_injection.expected_entry import minor_units

GROUPS = ("account", "category")
Flow = Counter[tuple[str, str | None, str]]
"""Minor units by month, by the account or category, and by side: credits or debits."""


def flow_of_book(entries: Sequence[Accepted], group: str) -> Flow:
    """Return what entries of one merchant and currency add up to."""
    flow: Flow = Counter()
    for entry in entries:
        side = f"{entry.sent.asked['type']}s"
        flow[entry.day[:7], entry.sent.asked[group], side] += abs(entry.sent.effect_minor)
    return flow


def flow_told(items: Sequence[Mapping[str, Any]]) -> Flow:
    """Return what GET /v1/cash-flow tells by month."""
    return Counter(
        {
            (item["period"], item["group"], side): minor_units(item[side])
            for item in items
            for side in ("credits", "debits")
        }
    )


def difference_minor(one: Flow, other: Flow) -> int:
    """Return by how many minor units two flows differ, without signs; what only one has counts."""
    return sum(abs(one[at] - other[at]) for at in one.keys() | other.keys())
