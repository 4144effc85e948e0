"""What a benchmark found: a table, and how its ratios stand towards their targets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio and its bound. `reason` says why it is missed, in case it is."""

    name: str
    ratio: float
    side: Literal["at most", "at least"]
    bound: float
    reason: str = ""

    @property
    def met(self) -> bool:
        """Whether the ratio keeps to its bound."""
        return self.ratio <= self.bound if self.side == "at most" else self.ratio >= self.bound


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison: what was compared and how, its rows, its targets, and what else to know."""

    title: str
    about: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    targets: Sequence[Target] = ()
    notes: Sequence[str] = ()


def microseconds(seconds: float) -> str:
    """Return a short time as text."""
    return f"{seconds * 1e6:,.1f} µs"


def times(ratio: float) -> str:
    """Return a ratio as text."""
    return f"{ratio:.2f} ×"


def markdown(finding: Finding) -> str:
    """Return a finding as a section of a Markdown page."""
    table = [_row(finding.columns), _row("---" for _ in finding.columns)]
    table += [_row(row) for row in finding.rows]
    parts = [f"## {finding.title}", finding.about, "\n".join(table)]
    if finding.targets:
        parts.append("\n".join(map(_line, finding.targets)))
    parts += finding.notes
    return "\n\n".join(parts)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _line(target: Target) -> str:
    result = f"{target.name}: {times(target.ratio)} ({target.side} {target.bound:g} ×)"
    if target.met:
        return f"- **met** · {result}"
    return f"- **missed** · {result}. {target.reason}".rstrip()
