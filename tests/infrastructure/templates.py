"""The templates as CloudFormation reads them, for the tests beside this."""

from pathlib import Path
from typing import Any

from cfnlint.decode.cfn_yaml import load

FOLDER = Path(__file__).parents[2] / "infrastructure"


def template(name: str) -> dict[str, Any]:
    """Return a template by its file's name without ending."""
    return dict(load(str(FOLDER / f"{name}.yaml")))


def of_type(found: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of all resources of a type, by logical name."""
    resources = found["Resources"].items()
    return {name: one.get("Properties", {}) for name, one in resources if one["Type"] == kind}


def the(found: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the properties of the only resource of a type."""
    (only,) = of_type(found, kind).values()
    return only


def only_on_aws(found: dict[str, Any]) -> set[str]:
    """Return the resources that the emulator is spared."""
    conditions = {"OnAws", "ByIpv6"}  # the second holds on AWS alone
    return {n for n, one in found["Resources"].items() if one.get("Condition") in conditions}
