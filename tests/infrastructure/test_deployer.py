"""A deployer's permissions: enough for Chalice, and for no roles but the project's."""

import inspect
import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from chalice import awsclient

from infrastructure.deployer import deployer_policies, resource_types
from tests.rights.simulation import is_known

OF_CHALICE = ("apigateway", "events", "iam", "lambda")
# Of domains, SDKs, layers and other APIs, which this application does not have.
UNUSED = re.compile("domain|base_path|layer|sdk")


@pytest.fixture(scope="module")
def statements() -> list[dict[str, Any]]:
    policies = deployer_policies()
    for policy in policies:
        assert len(json.dumps(policy, separators=(",", ":"))) <= 6_144
    return [statement for policy in policies for statement in policy["Statement"]]


def actions(statement: dict[str, Any]) -> list[str]:
    action: str | list[str] = statement["Action"]
    return [action] if isinstance(action, str) else action


def test_every_action_exists(statements: list[dict[str, Any]]) -> None:
    named = {action for statement in statements for action in actions(statement)}
    assert {action for action in named if "*" not in action and not is_known(action)} == set()
    assert not any(action.endswith(":*") for action in named)


def test_only_the_applications_roles_are_changed(statements: list[dict[str, Any]]) -> None:
    of_iam = [part for part in statements if "iam:" in str(part["Action"])]
    resources = {part["Sid"]: part["Resource"] for part in of_iam}
    own = "arn:aws:iam::*:role/livro-caixa-*"
    service = "arn:aws:iam::*:role/aws-service-role/*"
    assert resources == {"Roles": own, "PassRoles": own, "RolesOfServices": service}
    assert "iam:CreateUser" not in str(statements)


def test_calls_of_chalice_are_allowed(statements: list[dict[str, Any]]) -> None:
    allowed = [action for statement in statements for action in actions(statement)]
    missing = set()
    for service, name in calls_of_chalice():
        action = f"{service}:{''.join(part.title() for part in name.split('_'))}"
        action = action.replace("lambda:Invoke", "lambda:InvokeFunction")
        if not any(fnmatchcase(action, pattern) for pattern in allowed):
            missing.add(action)
    assert missing == set()


def calls_of_chalice() -> set[tuple[str, str]]:
    """Return the operations that Chalice's client calls; those of API Gateway are HTTP methods."""
    source, called = inspect.getsource(awsclient), set()
    for function in source.split("\n    def "):
        names = re.findall(r"(\w+) = self\._client\(\s*'([\w-]+)'", function)
        for variable, service in names:
            for operation in re.findall(rf"\b{variable}\.([a-z]+_\w+)\b", function):
                if service in OF_CHALICE and not UNUSED.search(operation):
                    called.add((service, operation))
    assert len(called) > 20
    return {
        (service, operation)
        for service, operation in called
        if service != "apigateway" and operation != "get_waiter"
    }


def test_all_types_of_resources_are_covered(statements: list[dict[str, Any]]) -> None:
    assert len(resource_types()) > 25
    text = str(statements)
    for action in (
        "cognito-idp:CreateUserPool", "dynamodb:CreateTable", "ec2:CreateVpc", "kms:CreateKey",
        "rds:CreateDBInstance", "states:CreateStateMachine",
    ):  # fmt: skip
        assert action in text
