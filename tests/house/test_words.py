"""The project uses the words of docs/vocabulary.md, and none of retired_names.md."""

import ast
import re
from fnmatch import fnmatchcase, translate
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple

import pytest

from tests.house.source import ROOT, Source, definitions, paths, sources

PAGE = (ROOT / "docs" / "vocabulary.md").read_text("utf-8")
RETIRED = (ROOT / "tests" / "house" / "retired_names.md").read_text("utf-8")
# These keep the words of their time, or are generated; the vocabulary lists them.
EXEMPT = (
    "docs/vocabulary.md",
    "tests/house/retired_names.md",
    "docs/decisions/2026-11-23",
    "docs/decisions/2026-11-28",
    "docs/report.",
    *(f"chalicelib/migrations/000{number}_" for number in range(1, 7)),
    "chalicelib/migrations/roles.sql",
    "LICENSE",
    "chalicelib/pages/libraries/",
)


class Retired(NamedTuple):
    """A retired name or word, what replaces it, and the paths in which it is retired."""

    name: str
    instead: str
    prefixes: tuple[str, ...] = ("",)


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading of a page."""
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def quoted(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


NAMES = [
    Retired(name, instead, quoted(where) or ("",))
    for names, instead, where in rows(RETIRED, "Retired names")
    for name in quoted(names)
]
WORDS = {
    word: instead for words, instead in rows(RETIRED, "Retired words") for word in quoted(words)
}
ANY_RETIRED = re.compile("|".join(translate(retired.name) for retired in NAMES))
PATHS = [path for path in paths() if not path.startswith(EXEMPT)]


def checked() -> list[Source]:
    """Return the Python files that no exemption names."""
    return [source for source in sources() if source.path in PATHS]


def test_retired_names_are_not_defined() -> None:
    defined = [
        (f"{source.path}:{line}", source.path, name)
        for source in checked()
        for name, line in definitions(source.nodes)
    ]
    stems = [(path, path, PurePosixPath(path).name.removeprefix("test_")) for path in PATHS]
    assert suggestions(defined, file=False) + suggestions(stems, file=True) == []


def test_retired_words_are_not_written() -> None:
    pattern = re.compile(rf"\b({'|'.join(WORDS)})\b", re.IGNORECASE)
    written = [
        f"{path}:{number}: instead of “{match}” write: {WORDS[match.lower()]}"
        for path in PATHS
        for number, line in enumerate(text(path).splitlines(), 1)
        for match in pattern.findall(line)
    ]
    assert written == []


def test_names_of_tests_are_short() -> None:
    lengths = {
        f"{source.path}: {function.name}": len(function.name.split("_")) - 1
        for source in checked()
        if source.is_test
        for function in source.functions()
        if function.name.startswith("test_")
    }
    assert [name for name, length in lengths.items() if not 3 <= length <= 8] == []


@pytest.mark.parametrize(
    "template",
    ["{} = 1", "def {}(): pass", "def f({}): pass", "class {}: pass", "a.{} = 1", "import a as {}"],
)
def test_definitions_are_recognized(template: str) -> None:
    retired = NAMES[0].name
    tree = ast.parse(template.format(retired))
    assert retired in [name for name, _ in definitions(ast.walk(tree))]
    assert len(suggestions([("a.py:1", "a.py", retired)], file=False)) == 1


def test_names_in_the_vocabulary_exist() -> None:
    product = (source for source in sources() if not source.is_test)
    words = {word for s in product for line in s.lines for word in re.findall(r"\w+", line)}
    words |= {PurePosixPath(source.path).stem for source in sources()}
    sections = PAGE.split("\n## ")[1:]
    names = {
        name
        for section in sections
        for row in rows(PAGE, section.splitlines()[0])
        for name in quoted(row[1])
    }
    assert len(names) > 40
    assert sorted(names - words) == []


def suggestions(named: list[tuple[str, str, str]], *, file: bool) -> list[str]:
    """Return a line for each name, at a place and in a path, that is retired in that path."""
    return [
        f"{place}: `{name}` is retired; use: {retired.instead}"
        for place, path, name in named
        for retired in retired_by_name(name, file=file)
        if path.startswith(retired.prefixes)
    ]


@cache  # the same few thousand names are defined everywhere
def retired_by_name(name: str, *, file: bool) -> list[Retired]:
    if not any(
        ANY_RETIRED.match(part) for part in (name, name.lstrip("_"), name.partition(".")[0])
    ):
        return []
    return [retired for retired in NAMES if matches(retired.name, name, file=file)]


def matches(pattern: str, name: str, *, file: bool) -> bool:
    if file:
        name = name if "." in pattern else name.partition(".")[0]
    return fnmatchcase(name, pattern) or (not file and fnmatchcase(name.lstrip("_"), pattern))


def text(path: str) -> str:
    try:
        return (ROOT / path).read_text("utf-8")
    except UnicodeDecodeError:
        return ""
