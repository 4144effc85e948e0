"""Nothing happens at import, functions load only what they use, and rooms stay separate."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable

import pytest
from importlinter.cli import lint_imports

from tests.api.requests import proxy_event
from tests.house.source import ROOT, Source, sources

HEAVY = {"aws_xray_sdk", "boto3", "botocore", "jwt", "pg8000", "pydantic", "redis", "urllib3"}
SHIPPED = [
    source
    for source in sources()
    if source.path == "app.py" or source.path.startswith("chalicelib/")
]


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
    modules = json.loads(completed.stdout.splitlines()[-1])  # the lines before it are the log
    return {name.partition(".")[0] for name in modules}


def test_app_imports_nothing_heavy() -> None:
    assert not loaded_by("import app") & HEAVY


def test_token_trigger_loads_no_other_library() -> None:
    about = '{"triggerSource": "TokenGeneration_Authentication", "request": {}}'
    assert not loaded_by(f"import app; app.pre_token({about}, None)") & (HEAVY - {"botocore"})


def test_health_and_method_errors_load_nothing_heavy() -> None:
    health = proxy_event("GET", "/health", "/health")
    put = proxy_event("PUT", "/v1/entries", "/v1/entries")
    for event in (health, put):
        assert not loaded_by(f"import app; app.app({event}, None)") & HEAVY


def test_import_connects_to_nothing() -> None:
    reaching = {"client", "resource", "connect", "open", "getenv", "urlopen", "Session", "current"}
    calls = [
        f"{source.path}: {_name(node)}"
        for source in SHIPPED
        for node in _run_at_import(source.tree)
        if isinstance(node, ast.Call) and _name(node) in reaching
    ]
    assert not calls


def test_only_settings_reads_the_environment() -> None:
    def readers(nodes: Callable[[ast.Module], Iterable[ast.AST]]) -> set[str]:
        return {source.path for source in SHIPPED if any(map(_is_environment, nodes(source.tree)))}

    assert readers(ast.walk) == {"chalicelib/runtime/settings.py"}
    assert readers(_run_at_import) == set()


def test_only_api_knows_chalice_and_pydantic() -> None:
    edge = ("app.py", "chalicelib/api/")
    inside = [source for source in SHIPPED if not source.path.startswith(edge)]
    assert not [source.path for source in inside if _imported(source) & {"chalice", "pydantic"}]


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


def test_shipped_files_do_not_import_local() -> None:
    knowing = [
        source.path for source in SHIPPED if _imported(source) & {"local", "tests", "verification"}
    ]
    assert not knowing


def test_only_tests_import_tests() -> None:
    importing = [source.path for source in sources() if "tests" in _imported(source)]
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
