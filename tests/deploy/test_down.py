"""A protected stage is not destroyed, nor any part of it."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from deploy.down import ProtectedStageError, take_down
from deploy.up import Deployment
from infrastructure.stages import Stage, load


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


def deployment(stage: Stage, stacks: Any) -> Deployment:
    return Deployment(stage, None, print, None, stacks)  # type: ignore[arg-type]


def test_stage_protected_by_its_file_remains() -> None:
    stacks = StacksInMemory({"livro-caixa-production-foundation": False})
    with pytest.raises(ProtectedStageError, match="Stage production is protected"):
        take_down(deployment(load("production"), stacks))
    assert stacks.removed == []


@pytest.mark.parametrize("layer", ["foundation", "database", "observability", "night"])
def test_stage_with_protected_stack_remains(layer: str) -> None:
    stacks = StacksInMemory({f"livro-caixa-trial-{layer}": True})
    with pytest.raises(ProtectedStageError, match=f"livro-caixa-trial-{layer} still is"):
        take_down(deployment(load("trial"), stacks))
    assert stacks.removed == []
