"""What drill, load, simulation and benchmarks found, kept as JSON until the report card is written.

The folder is `.local/proof` unless LIVRO_PROOF names another.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.paths import PROJECT
from verification.benchmarks.run_metadata import circumstances

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def write_result(name: str, outcome: "DataclassInstance") -> Path:
    """Keep an outcome with its circumstances; return the file's path."""
    folder = results_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    result = {"about": asdict(circumstances()), "outcome": asdict(outcome)}
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return path


def forget_result(name: str) -> None:
    """Remove what was kept under a name, so that a run that fails leaves no older success."""
    (results_folder() / f"{name}.json").unlink(missing_ok=True)


def read_result(name: str) -> dict[str, Any] | None:
    """Return what was kept last under a name, None where nothing was."""
    path = results_folder() / f"{name}.json"
    if not path.exists():
        return None
    text: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return text


def results_folder() -> Path:
    """Return where results are kept."""
    return Path(os.environ.get("LIVRO_PROOF", PROJECT / ".local" / "proof"))


def tell(news: str) -> None:
    """Tell progress to whoever watches."""
    print(news, file=sys.stderr, flush=True)
