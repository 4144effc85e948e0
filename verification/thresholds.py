"""What the parts of a report must reach: how much was tried, and what may go wrong."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

KILLS = 300
ENTRIES = 20_000
SEEDS = 2_000
HTTP_RATE = 50.0
POOL_RATE = 200.0
HIGHEST_LOSS = 0.001
"""The share of requests that may be lost at the highest rate; at the given rates none may."""
MUST_BE_ZERO = {
    "lost": "accepted entries lost",
    "doubled": "accepted entries doubled",
    "unknown": "entries listed and never accepted",
    "uncounted": "entries listed and not in the totals",
    "drift_minor": "drift of balances and cash flows, in minor units",
    "contradictions": "responses that contradict the request or an earlier response",
    "repaired": "rows that a rebuild had to repair at the end",
    "repaired_by_closing": "lines that consolidation runs had to repair",
}
"""Fields of an audit, and what they count."""


class Target(NamedTuple):
    """A figure and its bound.

    `kind` decides what follows from a miss: wrong results ("correctness"), a run that was too small
    to show anything ("extent"), or a speed that the benchmark explains by `reason` ("speed").
    """

    kind: Literal["correctness", "extent", "speed"]
    name: str
    measured: str
    bound: str
    met: bool
    reason: str = ""


def all_targets(parts: Mapping[str, Any]) -> list[Target]:
    """Return the targets of all parts that are present, by their names in results.PARTS."""
    return [*correctness_targets(parts), *_extent(parts), *_one_commit(parts), *_speed(parts)]


def never_struck(outcome: Mapping[str, Any]) -> list[str]:
    """Return the kinds of faults that struck nothing, or nothing that was at work."""
    missed = [kind for kind, number in outcome["faults"].items() if not number]
    idle = [kind for kind, number in outcome["interrupted"].items() if not number]
    return [*missed, *(f"{kind} during work" for kind in idle)]


def requests_lost(load: Mapping[str, Any]) -> int:
    """Return the requests lost beyond what may be lost."""
    phases = (load["http"], load["projector_down"], load["pool"])
    highest = load["highest"]["reads"]
    lost: int = sum(phase[kind]["lost"] for phase in phases for kind in ("reads", "writes"))
    is_bearable = highest["lost"] <= HIGHEST_LOSS * highest["requests"]
    return lost if is_bearable else lost + int(highest["lost"])


def correctness_targets(parts: Mapping[str, Any]) -> Iterator[Target]:
    """Yield what must not go wrong in the parts that are present."""
    if simulation := parts.get("simulation"):
        outcome = simulation["outcome"]
        undetected = [name for name, seed in outcome["mutants"].items() if seed is None]
        yield _none("simulated seeds that failed", sorted(outcome["failures"]))
        yield _none("planted mistakes that no seed detected", undetected)
    audits = [
        parts[part]["outcome"]["audit"] for part in ("fault_injection", "load") if part in parts
    ]
    for field, name in MUST_BE_ZERO.items() if audits else ():
        number = sum(audit[field] for audit in audits)
        yield Target("correctness", name, f"{number:,}", "0", number == 0)
    if injection := parts.get("fault_injection"):
        outcome = injection["outcome"]
        yield _none("faults of closings", outcome["seals"]["faults"])
        if outcome["kills"] >= KILLS:
            yield _none("kinds of faults that never struck", never_struck(outcome))
    if load := parts.get("load"):
        lost = requests_lost(load["outcome"])
        yield Target("correctness", "requests lost under load", f"{lost:,}", "0", lost == 0)


def _none(name: str, items: list[str]) -> Target:
    measured = f"{len(items)}: {'; '.join(items)}" if items else "0"
    return Target("correctness", name, measured, "0", not items)


def _extent(parts: Mapping[str, Any]) -> Iterator[Target]:
    for name, bound, measured in _sizes(parts):
        is_met = measured >= bound
        yield Target("extent", name, f"{measured:,.0f}", f"at least {bound:,.0f}", is_met)


def _sizes(parts: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    if simulation := parts.get("simulation"):
        yield "seeds simulated", SEEDS, simulation["outcome"]["seeds"]
    if injection := parts.get("fault_injection"):
        yield "processes killed", KILLS, injection["outcome"]["kills"]
        accepted = injection["outcome"]["audit"]["accepted"]
        yield "entries accepted during fault injection", ENTRIES, accepted
    if load := parts.get("load"):
        outcome = load["outcome"]
        yield "reads a second over HTTP", HTTP_RATE, outcome["http"]["reads"]["rate"]
        pool_rate = outcome["pool"]["reads"]["rate"]
        yield "reads a second through warm functions", POOL_RATE, pool_rate


def _one_commit(parts: Mapping[str, Any]) -> Iterator[Target]:
    commits = sorted({str(part["about"]["commit"]) for part in parts.values()})
    is_clean = all(not commit.endswith("+") and commit != "unknown" for commit in commits)
    measured = ", ".join(commits)
    is_met = len(commits) <= 1 and is_clean
    yield Target("extent", "measured at one commit without changes", measured, "one", is_met)


def _speed(parts: Mapping[str, Any]) -> Iterator[Target]:
    if benchmarks := parts.get("benchmarks"):
        for comparison in benchmarks["outcome"]["comparisons"]:
            for target in comparison["targets"]:
                name = f"{comparison['title']}: {target['name']}"
                bound = f"{target['side']} {target['bound']:g} ×"
                measured = f"{target['ratio']:.2f} ×"
                yield Target("speed", name, measured, bound, target["met"], target["reason"])
