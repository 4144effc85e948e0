"""The result of a comparison: a table, and ratios with their bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio and its bound; `reason` explains a miss."""

    name: str
    ratio: float
    side: str
    bound: float
    met: bool
    reason: str


def at_most(name: str, ratio: float, bound: float, reason: str = "") -> Target:
    """Return a target that a ratio above its bound misses."""
    return Target(name, ratio, "at most", bound, ratio <= bound, reason)


def at_least(name: str, ratio: float, bound: float, reason: str = "") -> Target:
    """Return a target that a ratio below its bound misses."""
    return Target(name, ratio, "at least", bound, ratio >= bound, reason)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison: what was compared and how, its rows, its targets, and notes."""

    title: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    targets: Sequence[Target] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The figures for the report; `comparisons` are as JSON."""

    rounds: int
    entries: int
    versions: Mapping[str, str]
    comparisons: Sequence[Mapping[str, Any]]


def summary(comparisons: Sequence[Mapping[str, Any]]) -> str:
    """Return how many targets are met."""
    targets = [target for comparison in comparisons for target in comparison["targets"]]
    return f"{sum(target['met'] for target in targets)} of {len(targets)} targets are met."


def microseconds(seconds: float) -> str:
    """Return a short time as text."""
    return f"{seconds * 1e6:,.1f} µs"


def times(ratio: float) -> str:
    """Return a ratio as text."""
    return f"{ratio:.2f} ×"
