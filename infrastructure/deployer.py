"""The permissions that a deployer needs: `python -m infrastructure.deployer` prints them.

They follow from three sources: what CloudFormation does for each type of resource in the templates
(AWS's resource schemas, which cfn-lint ships), what Chalice calls, and what deploy/ calls itself.
Roles can be made and passed on only under the application's name. The policies are several, because
a managed policy has at most 6,144 characters (IAM quotas).
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import distribution
from itertools import groupby
from pathlib import Path
from typing import Any

from infrastructure.functions import APPLICATION

MOST_CHARACTERS = 6_144
TEMPLATES = (
    *sorted(Path(__file__).parent.glob("*.yaml")),
    Path(__file__).parents[1] / "stepfunctions" / "template.yaml",
)
# Resources that the templates leave to Chalice, and the logs' template, which is made by code.
OTHER_TYPES = ("AWS::Logs::LogGroup",)
_READING = ("Describe", "Get", "List")
# Of a resource's optional features, those of other services are not used.
_UNUSED = {
    "cloudfront", "ds", "firehose", "kinesis", "outposts", "redshift", "s3tables", "secretsmanager",
    "vpc-lattice", "vpce",
}  # fmt: skip
CALLS: dict[str, tuple[str, ...]] = {
    "access-analyzer": ("ValidatePolicy",),
    "apigateway": ("DELETE", "GET", "PATCH", "POST", "PUT"),
    "cloudformation": (
        "CreateStack", "DeleteStack", "Describe*", "Get*", "List*", "UpdateStack",
        "UpdateTerminationProtection", "ValidateTemplate",
    ),
    "cognito-idp": ("Describe*",),
    "dynamodb": ("Describe*", "GetItem", "ListStreams", "PutItem"),
    "ec2": ("Describe*",),
    "elasticache": ("Describe*",),
    "events": ("DeleteRule", "List*", "PutRule", "PutTargets", "RemoveTargets"),
    "lambda": (
        "AddPermission", "CreateEventSourceMapping", "CreateFunction", "DeleteEventSourceMapping",
        "DeleteFunction", "DeleteFunctionConcurrency", "Get*", "InvokeFunction", "List*",
        "PutFunctionConcurrency", "RemovePermission", "TagResource", "UntagResource",
        "UpdateEventSourceMapping", "UpdateFunctionCode", "UpdateFunctionConfiguration",
    ),
    "rds": ("Describe*",),
    "s3": ("GetObject", "PutObject"),
    "ssm": ("DeleteParameter", "GetParameter", "PutParameter"),
    "states": (
        "DescribeExecution", "GetExecutionHistory", "ListExecutions", "StartExecution",
        "StopExecution", "ValidateStateMachineDefinition",
    ),
}  # fmt: skip
_ROLES = (
    "AttachRolePolicy", "CreateRole", "DeleteRole", "DeleteRolePolicy", "DetachRolePolicy",
    "GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies", "PutRolePolicy",
    "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription",
)  # fmt: skip
_PASSED_TO = ("lambda", "states", "apigateway")

Statement = dict[str, Any]

# RDS, ElastiCache and others make their own role in an account that never used them.
_SERVICE_ROLES: Statement = {
    "Sid": "RolesOfServices",
    "Effect": "Allow",
    "Action": "iam:CreateServiceLinkedRole",
    "Resource": "arn:aws:iam::*:role/aws-service-role/*",
}


def main() -> None:
    """Write the policies to standard output, as a list."""
    parser = argparse.ArgumentParser(prog="python -m infrastructure.deployer", description=__doc__)
    parser.parse_args()
    json.dump(deployer_policies(), sys.stdout, indent=2)


def deployer_policies() -> list[dict[str, Any]]:
    """Return the policies, each short enough for a managed policy."""
    policies: list[list[Statement]] = [[]]
    for statement in [_roles(), _pass_roles(), _SERVICE_ROLES, *_of_services()]:
        if _length([*policies[-1], statement]) > MOST_CHARACTERS:
            policies.append([])
        policies[-1].append(statement)
    return [_policy(statements) for statements in policies]


def resource_types() -> set[str]:
    """Return the types of all resources that the project's templates create."""
    texts = [path.read_text(encoding="utf-8") for path in TEMPLATES]
    used = {kind for text in texts for kind in re.findall(r"^    Type: (AWS::\S+)", text, re.M)}
    return used | set(OTHER_TYPES)


def _of_services() -> Iterator[Statement]:
    actions = {f"{service}:{name}" for service, names in CALLS.items() for name in names}
    actions |= {_widened(action) for action in _of_resources() if not action.startswith("iam:")}
    allowed = [action for action in sorted(actions) if action.partition(":")[0] not in _UNUSED]
    for service, group in groupby(allowed, lambda action: action.partition(":")[0]):
        words = service.replace("-", " ").title().replace(" ", "")
        yield {"Sid": words, "Effect": "Allow", "Action": [*group], "Resource": "*"}


def _of_resources() -> set[str]:
    """Return what CloudFormation does to create, read, update, list and delete the resources."""
    wanted, actions = resource_types(), set[str]()
    # Not imported, which would take a second.
    folder = Path(str(distribution("cfn-lint").locate_file("cfnlint/data")))
    reference = json.loads((folder / "AdditionalSpecs" / "Policies.json").read_text())
    for path in (folder / "schemas" / "resources").glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        if schema.get("typeName") in wanted:
            for handler in schema.get("handlers", {}).values():
                actions.update(handler.get("permissions", []))
    return {action for action in actions if _exists(action, reference)}


def _exists(action: str, reference: Mapping[str, Any]) -> bool:
    # Some schemas name operations (PutObjectLockConfiguration) whose action has another name.
    service, _, name = action.lower().partition(":")
    return name in reference.get(service, {}).get("Actions", {})


def _widened(action: str) -> str:
    service, _, name = action.partition(":")
    reading = [verb for verb in _READING if name.startswith(verb)]
    # Reading the content of tables, objects and secrets is not among what a resource needs.
    return f"{service}:{reading[0]}*" if reading and service not in ("s3", "dynamodb") else action


def _roles() -> Statement:
    return {
        "Sid": "Roles",
        "Effect": "Allow",
        "Action": [f"iam:{name}" for name in _ROLES],
        "Resource": f"arn:aws:iam::*:role/{APPLICATION}-*",
    }


def _pass_roles() -> Statement:
    services = [f"{name}.amazonaws.com" for name in _PASSED_TO]
    return {
        "Sid": "PassRoles",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": f"arn:aws:iam::*:role/{APPLICATION}-*",
        "Condition": {"StringEquals": {"iam:PassedToService": services}},
    }


def _policy(statements: Iterable[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _length(statements: Iterable[Statement]) -> int:
    return len(json.dumps(_policy(statements), separators=(",", ":")))


if __name__ == "__main__":
    main()
