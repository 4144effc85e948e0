"""The project's own source files, read once."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root, its lines, and its tree."""

    path: str
    lines: tuple[str, ...]
    tree: ast.Module

    @property
    def is_test(self) -> bool:
        """Whether it is a test, or serves tests alone."""
        return self.path.startswith("tests/")

    def functions(self) -> list[Function]:
        """Return all functions and methods."""
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]


@cache
def sources() -> tuple[Source, ...]:
    """Return every Python file that is part of the project."""
    return tuple(_read(path) for path in sorted(_paths()))


def _paths() -> list[str]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    completed = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for path in completed.stdout.split() if (ROOT / path).exists()]


def _read(path: str) -> Source:
    text = (ROOT / path).read_text()
    return Source(path, tuple(text.splitlines()), ast.parse(text))
