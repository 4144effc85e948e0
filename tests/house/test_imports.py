"""Nothing happens at import, each function pays for what it uses alone, and rooms keep apart."""

import ast
import json
import os
import subprocess
import sys

import pytest
from importlinter.cli import lint_imports

from tests.house.source import ROOT, Source, sources

HEAVY = {"aws_xray_sdk", "boto3", "botocore", "jwt", "pg8000", "pydantic", "redis", "urllib3"}
SHIPPED = [one for one in sources() if one.path == "app.py" or one.path.startswith("chalicelib/")]


def loaded_by(statement: str) -> set[str]:
    """Return the packages that a fresh interpreter with an empty environment loads."""
    completed = subprocess.run(
        [sys.executable, "-c", f"{statement}; import sys, json; print(json.dumps([*sys.modules]))"],
        cwd=ROOT,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    modules = json.loads(completed.stdout.splitlines()[-1])  # before it may stand what was logged
    return {name.partition(".")[0] for name in modules}


def test_the_contents_page_imports_with_an_empty_environment_and_nothing_heavy() -> None:
    assert not loaded_by("import app") & HEAVY


def test_a_token_is_made_without_the_libraries_of_the_other_functions() -> None:
    about = '{"triggerSource": "TokenGeneration_Authentication", "request": {}}'
    assert not loaded_by(f"import app; app.pre_token({about}, None)") & (HEAVY - {"botocore"})


def test_nothing_is_called_at_import_that_could_reach_the_world() -> None:
    reaching = {"client", "resource", "connect", "open", "getenv", "urlopen", "Session", "current"}
    calls = [
        f"{one.path}: {_name(node)}"
        for one in SHIPPED
        for node in _run_at_import(one.tree)
        if isinstance(node, ast.Call) and _name(node) in reaching
    ]
    assert not calls


def test_settings_alone_reads_the_environment_and_not_at_import() -> None:
    readers = {one.path for one in SHIPPED if any(map(_is_environment, ast.walk(one.tree)))}
    assert readers == {"chalicelib/runtime/settings.py"}
    eager = [one.path for one in SHIPPED if any(map(_is_environment, _run_at_import(one.tree)))]
    assert not eager


def test_only_the_edge_knows_chalice_and_pydantic() -> None:
    edge = ("app.py", "chalicelib/api/")
    inside = [one for one in SHIPPED if not one.path.startswith(edge)]
    assert not [one.path for one in inside if _imported(one) & {"chalice", "pydantic"}]


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


def test_no_shipped_file_knows_the_laptop() -> None:
    knowing = [one.path for one in SHIPPED if _imported(one) & {"local", "tests", "verification"}]
    assert not knowing


def test_only_tests_import_tests() -> None:
    importing = [one.path for one in sources() if "tests" in _imported(one)]
    assert not [path for path in importing if not path.startswith("tests/")]


def _run_at_import(tree: ast.Module) -> list[ast.AST]:
    result: list[ast.AST] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        result.append(node)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))
        elif not isinstance(node, ast.Lambda):
            waiting.extend(node.decorator_list)
    return result


def _name(call: ast.Call) -> str:
    called = call.func
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _is_environment(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")


def _imported(source: Source) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names
