"""How much a report card must stand on before it may be called clean."""

from collections.abc import Iterator, Mapping
from typing import Any

KILLS = 300
ENTRIES = 20_000
SEEDS = 2_000
HTTP_RATE = 50.0
POOL_RATE = 200.0


def short_of(parts: Mapping[str, Any]) -> list[str]:
    """Return what the parts of a card are short of, each named with its figure."""
    return [*_short_of_size(parts), *_short_of_one_commit(parts)]


def _short_of_size(parts: Mapping[str, Any]) -> Iterator[str]:
    for name, demanded, result in _sizes(parts):
        if result < demanded:
            yield f"{demanded:,.0f} {name} ({result:,.0f})"


def _sizes(parts: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    if simulation := parts.get("simulation"):
        yield "seeds simulated", SEEDS, simulation["outcome"]["seeds"]
    if drill := parts.get("drill"):
        yield "kills", KILLS, drill["outcome"]["kills"]
        yield "entries of the drill", ENTRIES, drill["outcome"]["audit"]["accepted"]
    if load := parts.get("load"):
        for phase, demanded, name in (
            ("http", HTTP_RATE, "reads a second over HTTP"),
            ("pool", POOL_RATE, "reads a second through warm functions"),
        ):
            yield name, demanded, load["outcome"][phase]["reads"]["rate"]


def _short_of_one_commit(parts: Mapping[str, Any]) -> Iterator[str]:
    commits = {name: str(part["about"]["commit"]) for name, part in parts.items()}
    if len(set(commits.values())) > 1:
        result = ", ".join(f"{name} at {commit}" for name, commit in commits.items())
        yield f"one commit for all parts ({result})"
    for name, commit in commits.items():
        if commit.endswith("+") or commit == "unknown":
            yield f"a commit that is what was run ({name} at {commit})"
