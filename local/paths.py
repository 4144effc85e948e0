"""The files of the laptop cloud: all in one folder, `.local` unless LIVRO_LOCAL names another."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parent.parent
ENVIRONMENT = PROJECT / ".venv"
EMULATOR_ENVIRONMENT = PROJECT / ".venv-emulator"
BENCH_ENVIRONMENT = PROJECT / ".venv-bench"
PAGE_TOOLS = PROJECT / ".venv-pages"
FUNCTION_LIBRARIES = EMULATOR_ENVIRONMENT / "functions"


@dataclass(frozen=True)
class Paths:
    """The files and folders of one laptop cloud."""

    root: Path

    @property
    def lock(self) -> Path:
        """Locked by the running cloud; contains its process id."""
        return self.root / "running"

    @property
    def endpoints(self) -> Path:
        """The addresses of a running cloud: JSON, absent while none runs."""
        return self.root / "endpoints.json"

    @property
    def passwords(self) -> Path:
        """The demo users' passwords, random for each installation: JSON, mode 0600."""
        return self.root / "passwords.json"

    @property
    def ports(self) -> Path:
        """The ports of the last start, reused by the next one: JSON."""
        return self.root / "ports.json"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's cluster."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's dump."""
        return self.root / "valkey"

    @property
    def emulator(self) -> Path:
        """The AWS emulator's state, temporary files and log."""
        return self.root / "emulator"

    @property
    def build(self) -> Path:
        """The staged copy of the application and its package."""
        return self.root / "build"


def default_paths() -> Paths:
    """Return the project's own `.local`, or the folder that LIVRO_LOCAL names."""
    return Paths(Path(os.environ.get("LIVRO_LOCAL", PROJECT / ".local")).absolute())
