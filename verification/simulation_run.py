"""The simulation as the report card wants it: seeds that stay true, and mistakes that show."""

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from verification.commands import run_to_end
from verification.local_cluster import Tell

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
    result = _told(seeds)
    mutants = {}
    for mutant in _mutants():
        mutants[mutant] = first_seed(_told(WITHIN, mutant)["failures"])
        tell(f"  {mutant}: {_shown(mutants[mutant])}")
    return Outcome(
        seeds=result["seeds"],
        seconds=result["seconds"],
        failures=result["failures"],
        counts=result["counts"],
        digest=result["digest"],
        mutants=mutants,
    )


def _shown(seed: int | None) -> str:
    return f"not shown by {WITHIN} seeds" if seed is None else f"shown by seed {seed}"


def _told(seeds: int, mutant: str | None = None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="livro-proof-") as folder:
        report, errors = Path(folder) / "report.json", Path(folder) / "errors"
        words = ["--seeds", str(seeds), "--json", str(report)]
        words += ["--mutant", mutant] if mutant else []
        with errors.open("w+", encoding="utf-8") as log:
            run_to_end([sys.executable, "-m", "verification.simulation", *words], DEVNULL, log)
        if not report.exists():
            raise RuntimeError(f"the simulation did not run: {errors.read_text()[-2000:]}")
        text: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return text


def _mutants() -> list[str]:
    from verification.simulation.mutants import mutations

    return list(mutations())


def first_seed(failures: Mapping[str, str]) -> int | None:
    """Return the first seed that broke a promise, None where none did.

    A story that ended by an error of another kind shows nothing: the mistake fell over by itself.
    """
    shown = [seed for seed, what in failures.items() if _is_violation(what)]
    return min(map(int, shown), default=None)


def _is_violation(what: str) -> bool:
    from verification.simulation import violations

    kinds = {kind for name, kind in vars(violations).items() if name.isupper()}
    return what.partition(":")[0] in kinds
