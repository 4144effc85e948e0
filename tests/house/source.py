"""The project's own source files, read once."""

import ast
import subprocess
from collections.abc import Iterator
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
def paths() -> tuple[str, ...]:
    """Return every file of the project."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for path in sorted(listed.stdout.splitlines()) if (ROOT / path).is_file())


@cache
def sources() -> tuple[Source, ...]:
    """Return every Python file of the project."""
    return tuple(_read(path) for path in paths() if path.endswith(".py"))


def definitions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Return the names that a module defines, with their lines: assigned, imported, parameters."""
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname, node.lineno


def _read(path: str) -> Source:
    text = (ROOT / path).read_text("utf-8")
    return Source(path, tuple(text.splitlines()), ast.parse(text))
