"""Nothing happens at import, functions load only what they use, and rooms stay separate."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec

import pytest
from importlinter.cli import lint_imports

from tests.api.requests import proxy_event
from tests.house.source import ROOT, Function, Source, sources

HEAVY = {"aws_xray_sdk", "boto3", "botocore", "jwt", "pg8000", "pydantic", "redis", "urllib3"}


def shipped() -> list[Source]:
    """Return the files of the bundle."""
    return [source for source in sources() if source.path.startswith(("app.py", "chalicelib/"))]


def loaded_by(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter with an empty environment loads."""
    completed = subprocess.run(
        [sys.executable, "-c", f"{statement}; import sys, json; print(json.dumps([*sys.modules]))"],
        cwd=ROOT,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(completed.stdout.splitlines()[-1]))  # the lines before it are the log


TOKEN = {"triggerSource": "TokenGeneration_Authentication", "request": {}}


@pytest.mark.parametrize(
    ("call", "allowed"),
    [
        (f"app({proxy_event('GET', '/health', '/health')}, None)", set()),
        (f"app({proxy_event('PUT', '/v1/entries', '/v1/entries')}, None)", set()),
        (f"pre_token({TOKEN}, None)", {"botocore"}),
    ],
    ids=["health", "method error", "token"],
)
def test_light_calls_load_nothing_heavy(call: str, allowed: set[str]) -> None:
    assert loaded_by(f"import app; app.{call}") & HEAVY <= allowed


@pytest.mark.parametrize(
    ("modules", "unused"),
    [
        (
            "chalicelib.projection.project, chalicelib.projection.wiring",
            {
                "chalicelib.projection.authoritative_entries",
                "chalicelib.projection.ledger_reads",
                "chalicelib.projection.repairer",
            },
        ),
        (
            "chalicelib.api.daily_balances, chalicelib.api.entry_list",
            {"chalicelib.queries.consolidations", "chalicelib.queries.wait_limiter"},
        ),
        (
            "chalicelib.commands.batch, chalicelib.commands.erase, chalicelib.commands.reverse, "
            "chalicelib.commands.start_closing, chalicelib.commands.wiring",
            HEAVY,
        ),
    ],
    ids=["projector", "reads", "commands"],
)
def test_first_call_loads_no_unused_module(modules: str, unused: set[str]) -> None:
    loaded = loaded_by(f"import {modules}")
    assert {name.strip() for name in modules.split(",")} <= loaded
    assert [name for name in unused if find_spec(name) is None] == []  # renamed modules
    assert loaded & unused == set()


def test_import_connects_to_nothing() -> None:
    reaching = {"client", "resource", "connect", "open", "getenv", "urlopen", "Session", "current"}
    calls = [
        f"{source.path}: {name}"
        for source in shipped()
        for node in _run_at_import(source.nodes[0])
        if isinstance(node, ast.Call)
        for name in [ast.unparse(node.func).rpartition(".")[2]]
        if name in reaching
    ]
    assert calls == []


def test_only_settings_reads_the_environment() -> None:
    def readers(nodes: Callable[[Source], Iterable[ast.AST]]) -> set[str]:
        return {
            source.path
            for source in shipped()
            for node in nodes(source)
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
        }

    assert readers(lambda source: source.nodes) == {"chalicelib/runtime/settings.py"}
    assert readers(lambda source: _run_at_import(source.nodes[0])) == set()


@pytest.mark.parametrize(
    ("inside", "outside", "forbidden"),
    [
        ("chalicelib/", "chalicelib/api/", {"chalice", "pydantic"}),
        (("app.py", "chalicelib/"), "tests/", {"local", "tests", "verification"}),
        ("", "tests/", {"tests"}),
    ],
    ids=["only the API knows chalice", "shipped files", "only tests import tests"],
)
def test_files_do_not_import_outer_layers(
    inside: str | tuple[str, ...], outside: str, forbidden: set[str]
) -> None:
    importing = [source.path for source in sources() if _imported(source) & forbidden]
    inner = [path for path in importing if path.startswith(inside)]
    assert [path for path in inner if not path.startswith(outside)] == []


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    children: Iterable[ast.AST] = ast.iter_child_nodes(node)
    if isinstance(node, Function | ast.Lambda):
        children = getattr(node, "decorator_list", [])
    for child in children:
        yield from _run_at_import(child)


def _imported(source: Source) -> set[str]:
    nodes = source.nodes
    modules = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    modules += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {module.partition(".")[0] for module in modules}
