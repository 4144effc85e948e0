"""Files and functions are short, and have names that are not vague; ruff checks docstrings."""

import ast
import re

import chalicelib
from tests.house.source import ROOT, Source, definitions, sources

LONGEST_FILE = 250
LONGEST_TEST_FILE = 300
LONGEST_FUNCTION = 40
# verify.py is distributed as a single file, for people who trust nothing else of the project.
# Chalice needs every route, handler and task in app.py, which contains nothing else.
OF_ANY_LENGTH = {"verify.py", "app.py"}
VAGUE_FILES = {"utils", "util", "helpers", "helper", "base", "manager", "common", "misc"}
VAGUE_NAMES = {"id", "data", "info", "process", "obj", "tmp", "foo"}
# A transaction is from BEGIN to COMMIT, or `transact_write_items`. Merchants have entries.
TRANSACTIONS = re.compile("transaction.*(entry|entries)|(entry|entries|record|list).*transaction")


def test_files_are_short() -> None:
    long = {
        source.path
        for source in sources()
        if len(source.lines) > (LONGEST_TEST_FILE if source.is_test else LONGEST_FILE)
    }
    assert long <= OF_ANY_LENGTH


def test_functions_are_short() -> None:
    lengths = {
        f"{source.path}: {function.name}": (function.end_lineno or 0) - function.lineno + 1
        for source in sources()
        for function in source.functions()
    }
    assert [name for name, length in lengths.items() if length > LONGEST_FUNCTION] == []


def test_every_package_is_in_the_list() -> None:
    listed = re.findall(r"^([a-z_]+) {2,}", chalicelib.__doc__ or "", re.MULTILINE)
    folders = {path.parent.name for path in (ROOT / "chalicelib").glob("*/__init__.py")}
    assert {*listed} == folders


def test_names_are_not_vague() -> None:
    vague = [
        f"{source.path}: {name}"
        for source in sources()
        for name in names(source) & VAGUE_NAMES
        | set(source.path.removesuffix(".py").split("/")) & VAGUE_FILES
    ]
    assert vague == []


def test_only_databases_have_transactions() -> None:
    wrong = [
        f"{source.path}: {name}"
        for source in sources()
        for name in names(source)
        if TRANSACTIONS.search(name.lower())
    ]
    assert wrong == []


def names(source: Source) -> set[str]:
    """Return the defined names; fields of typed dicts are properties of the public contract."""
    fields = {
        part.target.id
        for node in source.nodes
        if isinstance(node, ast.ClassDef) and "TypedDict" in map(ast.unparse, node.bases)
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    return {name for name, _ in definitions(source.nodes)} - fields
