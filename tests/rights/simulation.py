"""Whether policies allow a call, as IAM evaluates them.

No maintained simulator is in the Python registry (AWS's own needs an account), so this evaluates
what the project's policies use: IAM user guide, "Policy evaluation logic". A simulator in an npm
package judges the same calls in tests/browser/test_permissions.py. Which types of resources
an action supports is the service authorization reference, as cfn-lint ships it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import distribution
from typing import Any

Statement = Mapping[str, Any]
Context = Mapping[str, str]


def is_allowed(
    identity: Iterable[Statement],
    action: str,
    resource: str,
    context: Context | None = None,
    of_resource: Iterable[Statement] = (),
) -> bool:
    """Return whether a role with these statements may do an action on a resource.

    `of_resource` are the statements of the resource's own policy. A denial in either counts more
    than any permission. An action is never allowed on a resource of a type that it does not have.
    """
    if not supports(action, resource):
        return False
    concerned = [
        statement["Effect"]
        for statement in (*identity, *of_resource)
        if _concerns(statement, action, resource, context or {})
    ]
    return "Allow" in concerned and "Deny" not in concerned


def supports(action: str, resource: str) -> bool:
    """Return whether an action can be limited to this resource; "*" is for those without types."""
    service, name = action.lower().split(":")
    types = _reference()[service]["Actions"][name].get("Resources", [])
    if isinstance(types, str):
        types = [types]
    if not types:
        return resource == "*"
    if resource == "*":
        return service == "ec2"  # its network interfaces have no names beforehand
    return any(
        re.fullmatch(_pattern(shape), resource)
        for kind in types
        for shape in _reference()[service]["Resources"][kind]["ARNFormats"]
    )


def is_known(action: str) -> bool:
    """Return whether the service authorization reference has an action."""
    service, name = action.lower().split(":")
    return name in _reference().get(service, {}).get("Actions", {})


def _concerns(statement: Statement, action: str, resource: str, context: Context) -> bool:
    return (
        any(fnmatchcase(action.lower(), each.lower()) for each in _list(statement["Action"]))
        and any(fnmatchcase(resource, each) for each in _list(statement["Resource"]))
        and all(
            _holds(operator, context.get(key), value)
            for operator, keys in statement.get("Condition", {}).items()
            for key, value in keys.items()
        )
    )


def _holds(operator: str, actual: str | None, expected: str | list[str]) -> bool:
    match operator:
        case "Null":
            return (actual is None) == (expected == "true")
        case "ArnEquals" | "StringEquals" | "StringLike" | "Bool":
            return actual is not None and any(fnmatchcase(actual, each) for each in _list(expected))
    raise KeyError(operator)


def _pattern(shape: str) -> str:
    return re.sub(r"\$\{\w+\}", "[^:]*", shape)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


@cache
def _reference() -> dict[str, Any]:
    path = distribution("cfn-lint").locate_file("cfnlint/data/AdditionalSpecs/Policies.json")
    reference: dict[str, Any] = json.loads(path.read_text())
    return reference
