"""The templates as CloudFormation reads them."""

from pathlib import Path
from typing import Any

import yaml

# What a region lacks differs; the product's own is the first.
REGIONS = ["sa-east-1", "us-east-1", "us-west-2", "eu-central-1", "ap-southeast-2", "af-south-1"]
FOLDER = Path(__file__).parents[2] / "infrastructure"


class _Loader(yaml.CSafeLoader):  # type: ignore[misc]
    """Reads YAML with CloudFormation's tags, as cfn-lint does, whose import takes a second."""


def _function(loader: Any, name: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        value = text.split(".", 1) if name == "GetAtt" else text
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _function)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_str)


def template(name: str) -> dict[str, Any]:
    """Return a template by its file's name without suffix."""
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")
    result: dict[str, Any] = yaml.load(text, _Loader)
    return result


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of all resources of a type, by logical name."""
    resources = template["Resources"].items()
    return {name: part.get("Properties", {}) for name, part in resources if part["Type"] == kind}


def the(template: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the properties of the only resource of a type."""
    (only,) = of_type(template, kind).values()
    return only


def only_on_aws(template: dict[str, Any]) -> set[str]:
    """Return the resources that are not created in the emulator."""
    conditions = {"OnAws", "ByIpv6"}  # the second is true only on AWS
    resources = template["Resources"].items()
    return {name for name, part in resources if part.get("Condition") in conditions}


def lint_findings(text: str) -> list[str]:
    """Return what cfn-lint finds in a template for all of REGIONS, mere information included."""
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs

    checks = ManualArgs(regions=REGIONS, include_checks=["I"])
    return [
        f"{match.rule.id} line {match.linenumber}: {match.message}"
        for match in lint(text, config=checks)
    ]
