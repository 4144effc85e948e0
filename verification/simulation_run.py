"""Runs the simulation for the report: seeds that must pass, and mistakes that must not."""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from verification.commands import VerificationError, run_child

MUTANT_SEEDS = 100
"""A planted mistake must be detected within this number of seeds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A simulation; `mutants` maps each mistake to the seed that detected it, or None."""

    seeds: int
    seconds: float
    failures: dict[str, str]
    counts: dict[str, int]
    digest: str
    mutants: dict[str, int | None]


def simulate(seeds: int, progress: Callable[[str], None]) -> Outcome:
    """Simulate seeds, and then each known mistake."""
    from verification.simulation.mutants import mutations

    progress(f"simulation: {seeds:,} seeds, then planted mistakes")
    result = _simulated(seeds)
    mutants: dict[str, int | None] = {}
    for mutant in mutations():
        seed = mutants[mutant] = first_seed(_simulated(MUTANT_SEEDS, mutant)["failures"])
        detected = f"not detected by {MUTANT_SEEDS} seeds" if seed is None else f"seed {seed}"
        progress(f"  {mutant}: {detected}")
    names = ("seeds", "seconds", "failures", "counts", "digest")
    return Outcome(**{name: result[name] for name in names}, mutants=mutants)


def first_seed(failures: Mapping[str, str]) -> int | None:
    """Return the first seed that violated an invariant, or None.

    A seed that ended with another error detects nothing: the mistake itself crashed.
    """
    from verification.simulation import violations

    kinds = {kind for name, kind in vars(violations).items() if name.isupper()}
    detecting = [seed for seed, text in failures.items() if text.partition(":")[0] in kinds]
    return min(map(int, detecting), default=None)


def _simulated(seeds: int, mutant: str | None = None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="livro-simulation-") as folder:
        report, errors = Path(folder) / "report.json", Path(folder) / "errors"
        options = ["--seeds", str(seeds), "--json", str(report)]
        options += ["--mutant", mutant] if mutant else []
        with errors.open("w+", encoding="utf-8") as log:
            run_child([sys.executable, "-m", "verification.simulation", *options], DEVNULL, log)
        if not report.exists():
            raise VerificationError(f"the simulation did not run: {errors.read_text()[-2000:]}")
        result: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return result
