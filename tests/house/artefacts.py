"""Names in files: templates, the state machine, Chalice's settings, environment variables.

Templates are read as CloudFormation reads them; Chalice packages the application's own.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
TEMPLATES = (
    *(f"infrastructure/{name}.yaml" for name in (
        "account", "database", "foundation", "network", "observability", "redis"
    )),
    "stepfunctions/template.yaml",
)  # fmt: skip
# A template whose file was renamed is compared under the name that it was recorded by.
RECORDED_AS = {"infrastructure/redis.yaml": "infrastructure/fast_memory.yaml"}
# The commands that write the other templates.
LOGS, MERGE_TEMPLATE = "infrastructure.logs", "infrastructure.application"
STATE_MACHINE = "stepfunctions/daily_consolidation.asl.json"
_TEXTS_OF_STATES = ("Comment", "Cause")
_ENVIRONMENT = re.compile(r"_?[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_OF_PLATFORMS = re.compile(r"(AWS|LIVRO|PYDANTIC)_[A-Z_]+")
# Chalice sets it; whichever part serves by `chalice local` may read it.
_OF_CHALICE = {"AWS_CHALICE_CLI_MODE"}


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads `!Sub text` as {"Fn::Sub": "text"}."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def template_names() -> dict[str, Any]:
    """Return, by template, everything by which its stack is known to other stacks and people."""
    names = {RECORDED_AS.get(path, path): _names_of(_template(path)) for path in TEMPLATES}
    return names | {"the logs": _names_of(json.loads(_written(LOGS)))}


def packaged_application() -> dict[str, Any]:
    """Return the names in the template that `chalice package` makes of the application."""
    with TemporaryDirectory() as folder:
        packaged = _packaged(Path(folder))
    api = packaged["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    functions = {
        name: {key: resource["Properties"].get(key) for key in ("Handler", "Events")}
        for name, resource in packaged["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    return {
        **_names_of(packaged),
        "functions": functions,
        "routes": {path: _methods(api["paths"][path]) for path in api["paths"]},
        "security definitions": api["securityDefinitions"],
    }


def _packaged(folder: Path) -> dict[str, Any]:
    source, merge = folder / "source", folder / "merge.json"
    ignored = shutil.ignore_patterns("__pycache__", "deployed", "deployments")
    shutil.copytree(ROOT / "chalicelib", source / "chalicelib", ignore=ignored)
    shutil.copytree(ROOT / ".chalice", source / ".chalice", ignore=ignored)
    shutil.copy2(ROOT / "app.py", source)
    (source / "requirements.txt").write_text("")  # names need no libraries
    merge.write_text(_written(MERGE_TEMPLATE))
    chalice = [str(Path(sys.executable).with_name("chalice")), "package", "--stage", "laptop"]
    words = ["--merge-template", str(merge), str(folder / "package")]
    environment = {"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1"}
    run_command([*chalice, *words], source, environment)
    return dict(json.loads((folder / "package" / "sam.json").read_text()))


def _methods(path: dict[str, Any]) -> dict[str, str]:
    """Return the methods of a path by what the gateway demands of them."""
    methods: dict[str, str] = {}
    for method in sorted(path):
        demanded = json.dumps(path[method].get("security", []))
        methods[demanded] = f"{methods[demanded]} {method}" if demanded in methods else method
    return methods


def resources_of_type(kind: str) -> dict[str, Any]:
    """Return the properties of the resources of a type in the hand-written templates."""
    return {
        name: resource["Properties"]
        for path in TEMPLATES
        for name, resource in _template(path)["Resources"].items()
        if resource["Type"] == kind
    }


@cache
def _template(path: str) -> dict[str, Any]:
    text = (ROOT / path).read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=_Loader))


@cache
def _written(module: str) -> str:
    return run_command([sys.executable, "-m", module], ROOT, dict(os.environ))


def run_command(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """Return what a command prints; raise AssertionError with its words if it fails."""
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def _names_of(template: dict[str, Any]) -> dict[str, Any]:
    outputs = template.get("Outputs", {}).items()
    return {
        "resources": {name: _resource(part) for name, part in template["Resources"].items()},
        "parameters": sorted(template.get("Parameters", {})),
        "conditions": sorted(template.get("Conditions", {})),
        "outputs": {name: part.get("Export", "not exported") for name, part in outputs},
    }


def _resource(resource: dict[str, Any]) -> dict[str, Any]:
    properties = resource.get("Properties", {})
    # `TableName`, `AlarmName`, `MetricName` and the like, `Namespace` and `Dimensions`.
    named = {
        name: value
        for name, value in properties.items()
        if name.endswith("Name") or name in ("Name", "Namespace", "Dimensions")
    }
    return {"Type": resource.get("Type"), **named}


def dashboard_metrics() -> list[str]:
    """Return the functions' own metrics that dashboard and alarms show."""
    text = (ROOT / "infrastructure/observability.yaml").read_text(encoding="utf-8")
    shown = re.findall(r'\["LivroCaixa", "(\w+)", "Stage"', text)
    watched = [
        properties["MetricName"]
        for properties in resources_of_type("AWS::CloudWatch::Alarm").values()
        if properties.get("Namespace") == "LivroCaixa"
    ]
    return sorted({*shown, *watched})


def state_machine() -> dict[str, Any]:
    """Return the state machine without its comments and causes."""
    machine = json.loads((ROOT / STATE_MACHINE).read_text(encoding="utf-8"))
    return dict(_without_texts(machine))


def _without_texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_texts(part) for part in value]
    if not isinstance(value, dict):
        return value
    names = value.keys() - set(_TEXTS_OF_STATES)
    return {name: _without_texts(value[name]) for name in names}


def chalice_settings() -> dict[str, Any]:
    """Return Chalice's settings and the names of the policies' files."""
    folder = ROOT / ".chalice"
    policies = sorted(path.name for path in folder.glob("policy-*.json"))
    return {"config": json.loads((folder / "config.json").read_text()), "policies": policies}


def environment_names() -> dict[str, list[str]]:
    """Return the environment variables that the source files name, by top folder.

    The functions' own are the constants in upper case of the files that read the environment.
    """
    readers = [p for p in _sources("chalicelib") if "environ" in p.read_text(encoding="utf-8")]
    read = {text for path in readers for text in _constants(path) if _ENVIRONMENT.fullmatch(text)}
    read -= _OF_CHALICE
    named = {"chalicelib": sorted(read)}
    for folder in ("deploy", "infrastructure", "local"):
        texts = {text for path in _sources(folder) for text in _constants(path)} - _OF_CHALICE
        named[folder] = sorted(t for t in texts if t in read or _OF_PLATFORMS.fullmatch(t))
    return named


def missing_constants(folder: str, names: list[str]) -> list[str]:
    """Return those of these names that are not written as a text in a folder's Python files."""
    texts = {text for path in _sources(folder) for text in _constants(path)}
    return [name for name in names if name not in texts]


@cache
def _sources(folder: str) -> tuple[Path, ...]:
    paths = sorted((ROOT / folder).rglob("*.py"))
    return tuple(path for path in paths if path.parent.name != "cost")  # deploys nothing


@cache
def _constants(path: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return frozenset(
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
