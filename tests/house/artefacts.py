"""Names in files: templates, the state machine, Chalice's settings, environment variables.

Templates are read as CloudFormation reads them; Chalice packages the application's own.
"""

import ast
import json
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infrastructure import logs
from local.packaging import package
from tests.house.source import ROOT, sources
from tests.infrastructure.templates import of_type, template
from tests.stepfunctions.definition import definition

TEMPLATES = (
    "infrastructure/account.yaml", "infrastructure/database.yaml", "infrastructure/foundation.yaml",
    "infrastructure/network.yaml", "infrastructure/observability.yaml", "infrastructure/redis.yaml",
    "stepfunctions/template.yaml",
)  # fmt: skip
_ENVIRONMENT = re.compile(r"_?[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_OF_PLATFORMS = re.compile(r"(AWS|LIVRO|PYDANTIC)_[A-Z_]+")
# Chalice sets it; whichever part serves by `chalice local` may read it.
_OF_CHALICE = {"AWS_CHALICE_CLI_MODE"}


def template_names() -> dict[str, Any]:
    """Return, by template, everything by which its stack is known to other stacks and people."""
    names = {path: _names_of(template(f"../{path.removesuffix('.yaml')}")) for path in TEMPLATES}
    return names | {"the logs": _names_of(logs.template())}


def packaged_application() -> dict[str, Any]:
    """Return the names in the template that `chalice package` makes of the application."""
    with TemporaryDirectory() as folder:
        packaged = json.loads(package(Path(folder), {}).template)
    api = packaged["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    functions = of_type(packaged, "AWS::Serverless::Function")
    return {
        **_names_of(packaged),
        "functions": {
            name: {key: properties.get(key) for key in ("Handler", "Events")}
            for name, properties in functions.items()
        },
        # What the gateway demands of each method.
        "routes": {
            path: [
                f"{name} {json.dumps(method.get('security', []))}"
                for name, method in methods.items()
            ]
            for path, methods in api["paths"].items()
        },
        "security definitions": api["securityDefinitions"],
    }


def _names_of(template: dict[str, Any]) -> dict[str, Any]:
    outputs = template.get("Outputs", {}).items()
    return {
        "resources": {name: _resource(part) for name, part in template["Resources"].items()},
        "parameters": sorted(template.get("Parameters", {})),
        "conditions": sorted(template.get("Conditions", {})),
        "outputs": {name: part.get("Export", "not exported") for name, part in outputs},
    }


def _resource(resource: dict[str, Any]) -> dict[str, Any]:
    # `TableName`, `AlarmName`, `MetricName` and the like, `Namespace` and `Dimensions`.
    named = {
        name: value
        for name, value in resource.get("Properties", {}).items()
        if name.endswith("Name") or name in ("Namespace", "Dimensions")
    }
    return {"Type": resource.get("Type"), **named}


def dashboard_metrics() -> list[str]:
    """Return the functions' own metrics that dashboard and alarms show."""
    text = (ROOT / "infrastructure/observability.yaml").read_text("utf-8")
    alarms = of_type(template("observability"), "AWS::CloudWatch::Alarm").values()
    watched = {alarm["MetricName"] for alarm in alarms if alarm.get("Namespace") == "LivroCaixa"}
    return sorted({*re.findall(r'\["LivroCaixa", "(\w+)", "Stage"', text), *watched})


def state_machine() -> Any:
    """Return the state machine without its comments and causes."""
    return _without_texts(definition())


def _without_texts(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_texts(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_texts(value[name]) for name in value.keys() - {"Comment", "Cause"}}


def chalice_settings() -> Any:
    """Return Chalice's settings."""
    return {"config": json.loads((ROOT / ".chalice" / "config.json").read_text("utf-8"))}


def documented_seal() -> dict[str, list[str]]:
    """Return the hashes that docs/seals.md publishes."""
    page = (ROOT / "docs" / "seals.md").read_text("utf-8")
    return {"published": re.findall(r"\| `([0-9a-f]{64})` \|", page)}


def environment_names() -> dict[str, list[str]]:
    """Return the environment variables that the source files name, by top folder.

    The functions' own are the constants in upper case of the files that read the environment.
    """
    read = {text for text in constants("chalicelib", "environ") if _ENVIRONMENT.fullmatch(text)}
    names = {"chalicelib": sorted(read - _OF_CHALICE)}
    for folder in ("deploy", "infrastructure", "local"):
        texts = constants(folder) - _OF_CHALICE
        names[folder] = sorted(t for t in texts if t in read or _OF_PLATFORMS.fullmatch(t))
    return names


@cache
def constants(folder: str, containing: str = "") -> set[str]:
    """Return the texts in those of a folder's Python files that contain a word."""
    return {
        node.value
        for source in sources()
        if source.path.startswith(f"{folder}/") and "/cost/" not in source.path  # deploys nothing
        if containing in source.text
        for node in source.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
