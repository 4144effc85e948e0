"""The state machine as a tree, for what is checked without running it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "stepfunctions"
DEFINITION = FOLDER / "daily_consolidation.asl.json"
TEMPLATE = FOLDER / "template.yaml"
MOST_RANGES = 100
RANGE_BYTES = 256
"""What a plan may have at most: ranges, and bytes of JSON each."""

State = dict[str, Any]


def definition() -> State:
    """Return the definition as it is deployed, but for the functions' ARNs."""
    loaded: State = json.loads(DEFINITION.read_text())
    return loaded


def machines() -> list[State]:
    """Return the state machine and those that its Maps run for each item."""
    outer = definition()
    inner = [state["ItemProcessor"] for state in outer["States"].values() if "ItemsPath" in state]
    return [outer, *inner]


def states(kind: str = "") -> Iterator[tuple[str, State]]:
    """Yield each state by its name, of one type or of all."""
    for machine in machines():
        for name, state in machine["States"].items():
            if kind in ("", state["Type"]):
                yield name, state


def next_names(state: State) -> set[str]:
    """Return the states that a state can lead to."""
    ways = [state, *state.get("Choices", []), *state.get("Catch", [])]
    named = {way["Next"] for way in ways if "Next" in way}
    return named | ({state["Default"]} if "Default" in state else set())
