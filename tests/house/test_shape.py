"""Files and functions are short, have docstrings, and have names that are not vague."""

import ast
import re
import sys

from tests.house.source import Function, Source, sources

LONGEST_FILE = 250
LONGEST_TEST_FILE = 300
LONGEST_FUNCTION = 40
# Distributed as a single file, for people who trust nothing else of the project.
ONE_FILE_PROGRAMS = {"verify.py"}
# Chalice needs every route, handler and task in one file, which contains nothing else.
CONTENTS_PAGE = "app.py"
VAGUE_FILES = {"utils", "util", "helpers", "helper", "base", "manager", "common", "misc"}
VAGUE_NAMES = {"id", "data", "info", "process", "obj", "tmp", "foo"}
FORBIDDEN_WORDS = re.compile(r"\b(TODO|FIXME|HACK)\b")


def test_files_are_short() -> None:
    long = [source.path for source in sources() if len(source.lines) > _longest(source)]
    assert not long


def test_functions_are_short() -> None:
    long = [
        f"{source.path}: {function.name}"
        for source in sources()
        for function in source.functions()
        if _length(function) > LONGEST_FUNCTION
    ]
    assert not long


def test_files_have_docstrings() -> None:
    assert not [source.path for source in sources() if not ast.get_docstring(source.tree)]


def test_public_names_have_docstrings() -> None:
    silent = [
        f"{source.path}: {part.name}"
        for source in sources()
        for part in _public(source)
        if not source.is_test and not ast.get_docstring(part)
    ]
    assert not silent


def test_names_are_not_vague() -> None:
    vague = [
        f"{source.path}: {name}"
        for source in sources()
        for name in _names(source.tree) & VAGUE_NAMES | _stems(source) & VAGUE_FILES
    ]
    assert not vague


def test_no_work_is_postponed() -> None:
    later = [
        source.path for source in sources() for line in source.lines if FORBIDDEN_WORDS.search(line)
    ]
    assert set(later) <= {"tests/house/test_shape.py"}


def test_only_databases_have_transactions() -> None:
    # A transaction is from BEGIN to COMMIT, or `transact_write_items`. Merchants have entries.
    entries = re.compile("transaction.*(entry|entries)|(entry|entries|record|list).*transaction")
    names = [f"{source.path}: {name}" for source in sources() for name in _names(source.tree)]
    assert not [name for name in names if entries.search(name.partition(": ")[2].lower())]


def test_no_test_is_skipped_or_mocked() -> None:
    ways = ("pytest.mark.skip", "pytest.mark.xfail", "pytest.skip", "unittest.mock")
    evading = [
        f"{source.path}: {name}"
        for source in sources()
        for name in _dotted(source.tree)
        if source.is_test and name.startswith(ways)
    ]
    assert not evading


def _longest(source: Source) -> int:
    if source.path in {*ONE_FILE_PROGRAMS, CONTENTS_PAGE}:
        return sys.maxsize
    return LONGEST_TEST_FILE if source.is_test else LONGEST_FILE


def _stems(source: Source) -> set[str]:
    return set(source.path.removesuffix(".py").split("/"))


def _dotted(tree: ast.Module) -> list[str]:
    attributes = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return attributes + modules


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _public(source: Source) -> list[Function | ast.ClassDef]:
    return [
        part
        for part in source.tree.body
        if isinstance(part, Function | ast.ClassDef) and not part.name.startswith("_")
    ]


def _names(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names - _wire_names(tree)


def _wire_names(tree: ast.Module) -> set[str]:
    """Return the fields of typed dicts: properties of the public contract, not names of ours."""
    typed_dicts = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "TypedDict" for base in node.bases)
    ]
    fields = [part for node in typed_dicts for part in node.body if isinstance(part, ast.AnnAssign)]
    return {part.target.id for part in fields if isinstance(part.target, ast.Name)}
