"""Where deployments write their files: `.deploy`, a folder per stage, which may be deleted."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parent.parent
WORK = PROJECT / ".deploy"


@dataclass(frozen=True, slots=True)
class DeployPaths:
    """The files of one stage's deployments."""

    root: Path

    @property
    def application(self) -> Path:
        """The copy of the application in which Chalice runs."""
        return self.root / "application"

    @property
    def package(self) -> Path:
        """The result of `chalice package`: a template and the bundle."""
        return self.root / "package"

    @property
    def bill_of_materials(self) -> Path:
        """The contents of the bundle, as CycloneDX."""
        return self.root / "bundle.cdx.json"


def paths_of(stage: str) -> DeployPaths:
    """Return the usual paths of a stage."""
    return DeployPaths(WORK / stage)
