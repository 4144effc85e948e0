"""Finds every SQL statement in the product's code, to name those that no operation sends.

A statement is a text that begins with an SQL command: a literal of a module, wherever it is, or a
file. Migrations are left out: a deployment runs each of them once.
"""

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from local.paths import PROJECT

PRODUCT = PROJECT / "chalicelib"
_COMMAND = re.compile(
    r"\s*(?:SELECT|WITH|INSERT INTO|UPDATE|DELETE FROM|MERGE INTO|TRUNCATE|CREATE|DROP|CALL|COPY"
    r"|VALUES|TABLE|LOCK TABLE|REFRESH)\s"
)
_READ = re.compile(r"SELECT \((.*)\), EXISTS \(SELECT FROM unfinished_rebuild .*\)")
"""A read, as ReadModel.call sends its statement."""
_ANY = ".*"


def unsent(sent: Collection[str], folder: Path = PRODUCT) -> list[str]:
    """Return where the statements are that are not among those sent, such as `queries/page.py:7`.

    `sent` are texts as they reached the connection: a literal's replacements may have any value.
    """
    texts = [" ".join(text.split()) for text in sent]
    texts += [read[1].strip() for text in texts if (read := _READ.fullmatch(text))]
    return [
        place
        for place, pattern in _statements(folder)
        if not any(re.fullmatch(pattern, text) for text in texts)
    ]


def _statements(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the place of each statement, and a pattern of its text with single spaces."""
    paths = [path.relative_to(folder) for path in sorted(folder.rglob("*"))]
    for path in paths:
        if path.suffix not in (".py", ".sql") or path.parts[0] == "migrations":
            continue
        text = (folder / path).read_text(encoding="utf-8")
        if path.suffix == ".sql":
            yield path.as_posix(), _pattern(re.split(r"\{\w+\}", text))
            continue
        for line, parts in _literals(ast.parse(text)):
            if _COMMAND.match(parts[0]):
                yield f"{path.as_posix()}:{line}", _pattern(parts)


def _literals(node: ast.AST) -> Iterator[tuple[int, list[str]]]:
    """Yield each text's line, and what is before, between and after its replacements."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, [node.value]
    elif isinstance(node, ast.JoinedStr):
        parts = [""]
        for value in node.values:
            if isinstance(value, ast.Constant):
                parts[-1] += str(value.value)
            else:
                parts.append("")
        yield node.lineno, parts
    else:
        for child in ast.iter_child_nodes(node):
            yield from _literals(child)


def _pattern(parts: list[str]) -> str:
    spaced = "\0".join(parts).split()
    return re.escape(" ".join(spaced)).replace("\0", _ANY)
