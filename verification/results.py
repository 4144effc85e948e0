"""Results of the simulation, fault injection, load and benchmarks, stored as JSON for the report.

The folder is `.local/verification` unless LIVRO_PROOF names another.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.paths import PROJECT
from verification.run_metadata import run_metadata

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PARTS = ("simulation", "fault_injection", "load", "benchmarks")


def write_result(part: str, outcome: "DataclassInstance") -> Path:
    """Store an outcome with the metadata of this run; return the file's path."""
    path = results_folder() / f"{part}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    result = {"about": asdict(run_metadata()), "outcome": asdict(outcome)}
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def remove_result(part: str) -> None:
    """Remove a stored result, so that a run that fails leaves no older success behind."""
    (results_folder() / f"{part}.json").unlink(missing_ok=True)


def read_result(part: str) -> dict[str, Any] | None:
    """Return the newest stored result of a part, or None."""
    path = results_folder() / f"{part}.json"
    if not path.exists():
        return None
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


def results_folder() -> Path:
    """Return the folder of the results."""
    return Path(os.environ.get("LIVRO_PROOF", PROJECT / ".local" / "verification"))
