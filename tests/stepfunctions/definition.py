"""The state machines as trees, for checks without running them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "stepfunctions"
DEFINITION = FOLDER / "daily_consolidation.asl.json"
LOAD = FOLDER / "read_model_load.asl.json"
DEFINITIONS = (DEFINITION, LOAD)
TEMPLATE = FOLDER / "template.yaml"

State = dict[str, Any]


def definition(path: Path = DEFINITION) -> State:
    """Return a definition as it is deployed, without the functions' ARNs."""
    loaded: State = json.loads(path.read_text())
    return loaded


def machines(path: Path = DEFINITION) -> list[State]:
    """Return a state machine and those that its Maps run for each item."""
    outer = definition(path)
    inner = [state["ItemProcessor"] for state in outer["States"].values() if "ItemsPath" in state]
    return [outer, *inner]


def states(kind: str = "", path: Path = DEFINITION) -> Iterator[tuple[str, State]]:
    """Yield each state by its name, of one type or of all."""
    for machine in machines(path):
        for name, state in machine["States"].items():
            if kind in ("", state["Type"]):
                yield name, state


def next_names(state: State) -> set[str]:
    """Return the states that a state can lead to."""
    transitions = [state, *state.get("Choices", []), *state.get("Catch", [])]
    names = {transition["Next"] for transition in transitions if "Next" in transition}
    return names | ({state["Default"]} if "Default" in state else set())
