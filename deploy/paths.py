"""Where deploying keeps its things: `.deploy`, beside the project's own files."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parent.parent
WORK = PROJECT / ".deploy"


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one stage's deployments; all of it can be made again."""

    root: Path

    @property
    def staged(self) -> Path:
        """The copy of the application that Chalice is run in."""
        return self.root / "application"

    @property
    def packed(self) -> Path:
        """What `chalice package` made: a template and the bundle."""
        return self.root / "package"

    @property
    def bill_of_materials(self) -> Path:
        """What is in the bundle, as CycloneDX."""
        return self.root / "bundle.cdx.json"


def places_of(stage: str) -> Places:
    """Return the usual places of a stage."""
    return Places(WORK / stage)
