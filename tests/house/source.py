"""The project's own source files, read and parsed once."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root, and its text."""

    path: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.text.splitlines()

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of its tree, the module first; to walk all trees takes seconds."""
        return tuple(ast.walk(ast.parse(self.text)))

    @property
    def is_test(self) -> bool:
        """Whether it is a test, or serves tests alone."""
        return self.path.startswith("tests/")

    def functions(self) -> list[Function]:
        """Return all functions and methods."""
        return [node for node in self.nodes if isinstance(node, Function)]


@cache
def paths() -> tuple[str, ...]:
    """Return every file of the project."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for path in sorted(listed.stdout.splitlines()) if (ROOT / path).is_file())


@cache
def sources() -> tuple[Source, ...]:
    """Return every Python file of the project."""
    files = (path for path in paths() if path.endswith(".py"))
    return tuple(Source(path, (ROOT / path).read_text("utf-8")) for path in files)


def definitions(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    """Return the names that a module defines, with their lines: assigned, imported, parameters."""
    for node in nodes:
        if isinstance(node, _NAMED):
            yield node.name, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname, node.lineno
