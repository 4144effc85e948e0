"""A protected stage is not destroyed, nor any part of it."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from deploy.down import ProtectedStageError, take_down
from deploy.up import Deployment
from infrastructure.stages import load


@dataclass
class StacksInMemory:
    """Stacks by name, each protected or not, and the names of removed ones."""

    protected: dict[str, bool] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def described(self, name: str) -> dict[str, Any] | None:
        if name not in self.protected:
            return None
        return {"StackName": name, "EnableTerminationProtection": self.protected[name]}

    def remove(self, name: str) -> None:
        self.removed.append(name)


@pytest.mark.parametrize(
    ("stage", "layer", "is_protected", "message"),
    [
        ("production", "foundation", False, "Stage production is protected"),
        ("trial", "foundation", True, "livro-caixa-trial-foundation still is"),
        ("trial", "database", True, "livro-caixa-trial-database still is"),
        ("trial", "observability", True, "livro-caixa-trial-observability still is"),
        ("trial", "night", True, "livro-caixa-trial-night still is"),
    ],
)
def test_protected_stage_remains(stage: str, layer: str, is_protected: bool, message: str) -> None:
    stacks: Any = StacksInMemory({f"livro-caixa-{stage}-{layer}": is_protected})
    nothing: Any = None
    with pytest.raises(ProtectedStageError, match=message):
        take_down(Deployment(load(stage), nothing, print, nothing, stacks))
    assert stacks.removed == []
