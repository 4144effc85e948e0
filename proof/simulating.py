"""The simulation as the report card wants it: seeds that stay true, and mistakes that show."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.places import PROJECT
from proof.laptop import Tell

WITHIN = 100
"""A planted mistake must show within so many seeds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was simulated; `mutants` tells which seed showed a planted mistake, None for none."""

    seeds: int
    seconds: float
    failures: dict[str, str]
    counts: dict[str, int]
    digest: str
    mutants: dict[str, int | None]

    @property
    def clean(self) -> bool:
        """Whether every seed stayed true and every mistake showed."""
        return not self.failures and None not in self.mutants.values()


def simulate(seeds: int, tell: Tell) -> Outcome:
    """Tell the stories of so many seeds, and plant each mistake that is known."""
    tell(f"simulation: {seeds:,} seeds, then planted mistakes")
    told = _told(seeds)
    mutants = {}
    for mutant in _mutants():
        mutants[mutant] = _first_seed(_told(WITHIN, mutant))
        tell(f"  {mutant}: shown by seed {mutants[mutant]}")
    return Outcome(
        seeds=told["seeds"],
        seconds=told["seconds"],
        failures=told["failures"],
        counts=told["counts"],
        digest=told["digest"],
        mutants=mutants,
    )


def _told(seeds: int, mutant: str | None = None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="livro-proof-") as folder:
        report = Path(folder) / "report.json"
        words = ["--seeds", str(seeds), "--json", str(report)]
        words += ["--mutant", mutant] if mutant else []
        ran = subprocess.run(
            [sys.executable, "-m", "tests.simulation", *words],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        if not report.exists():
            raise RuntimeError(f"the simulation did not run: {ran.stderr[-2000:]}")
        told: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return told


def _mutants() -> list[str]:
    from tests.simulation.mutants import mutations

    return list(mutations())


def _first_seed(told: dict[str, Any]) -> int | None:
    return min(map(int, told["failures"]), default=None)
