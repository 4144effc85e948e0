"""The policy of each function grants exactly the rights that the function uses.

Every function makes all its calls once (tests/house/scenario.py). The rights that Lambda itself
uses under a function's role are listed here.
"""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from operator import attrgetter
from typing import Any

import pytest

from deploy.aws_models import used_operations
from infrastructure.functions import FUNCTIONS, Function
from infrastructure.policies import filled_in, place_values
from tests.house.recorded_run import CACHE, DATABASE_ID, PLACE, STAGE
from tests.house.source import ROOT
from tests.infrastructure.templates import of_type, template
from tests.rights.iam_actions import Right
from tests.rights.simulation import is_allowed, supports

# Lambda creates network interfaces, and its daemon sends traces.
NETWORK = (
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
)
STREAM = ("DescribeStream", "GetRecords", "GetShardIterator")
STREAM_ARN = PLACE.arn("dynamodb", "table/entries/stream/1")
# Every call is over TLS, and every put into the bucket of seals is conditional.
REQUEST = {"aws:SecureTransport": "true", "s3:if-none-match": "*"}
# What a bucket is listed by, which the record of rights does not have.
PREFIXES = {"ListBucketVersions": "closings/padaria/", "ListBucket": "previews/padaria/"}
in_network, name = attrgetter("in_network"), attrgetter("name")


@pytest.mark.parametrize("function", FUNCTIONS, ids=name)
def test_a_policy_grants_exactly_the_used_rights(
    function: Function, recorded_run: dict[str, Any]
) -> None:
    taken = {(action, arn) for action, arn in recorded_run["rights"][function.name]}
    taken |= lambdas(function)
    allowed = rights_in(policy(function, recorded_run["resources"]))
    missing = {right for right in taken if not any(_covers(grant, right) for grant in allowed)}
    spare = {grant for grant in allowed if not any(_covers(grant, right) for right in taken)}
    assert (missing, spare) == (set(), set())


def test_bundle_keeps_models_of_all_calls(recorded_run: dict[str, Any]) -> None:
    shipped = used_operations(ROOT / "chalicelib")
    calls = {(service, operation) for service, operation in recorded_run["operations"]}
    assert len(calls) >= 15
    assert {(service, name) for service, name in calls if name not in shipped[service]} == set()


@pytest.mark.parametrize("function", FUNCTIONS, ids=name)
def test_used_rights_are_allowed(function: Function, recorded_run: dict[str, Any]) -> None:
    """As IAM evaluates them, together with the policies of the buckets and the queue."""
    resources = recorded_run["resources"]
    identity = policy(function, resources)["Statement"]
    taken = {(action, arn) for action, arn in recorded_run["rights"][function.name]}
    denied = {
        (action, arn)
        for action, arn in taken | lambdas(function)
        if not is_allowed(identity, action, arn, context(action), resource_policies(resources))
    }
    assert denied == set()


@pytest.mark.parametrize("function", FUNCTIONS, ids=name)
def test_each_action_supports_its_resource(
    function: Function, recorded_run: dict[str, Any]
) -> None:
    """A resource of another type grants nothing; a right without types is one to everything."""
    allowed = rights_in(policy(function, recorded_run["resources"]))
    assert {right for right in allowed if not supports(*right)} == set()


@pytest.mark.parametrize("function", FUNCTIONS, ids=name)
def test_attacks_are_denied(function: Function, recorded_run: dict[str, Any]) -> None:
    """What somebody who controls a function would try."""
    resources = recorded_run["resources"]
    identity = policy(function, resources)["Statement"]
    own = PLACE.arn("lambda", f"function:{function.aws_name(STAGE)}")
    by_code = {**REQUEST, "lambda:SourceFunctionArn": own}
    succeeded = {
        (action, arn)
        for action, arn, only in attacks(resources)
        if function.name != only
        and is_allowed(identity, action, arn, by_code, resource_policies(resources))
    }
    assert succeeded == set()


@pytest.mark.parametrize("function", [*filter(in_network, FUNCTIONS)], ids=name)
def test_function_code_may_not_change_the_network(function: Function) -> None:
    statements = raw(function)["Statement"]
    (denied,) = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert {action.removeprefix("ec2:") for action in denied["Action"]} == set(NETWORK)
    own = denied["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]
    assert own.endswith(f":function:{function.aws_name('${Stage}')}")


def attacks(resources: dict[str, str]) -> Iterator[tuple[str, str, str | None]]:
    """Return actions, their resources, and the only function that has the right, or None."""
    bucket = f"arn:aws:s3:::{resources['SEAL_BUCKET']}"
    seal, pool = f"{bucket}/closings/padaria/1.json", f"userpool/{resources['USER_POOL_ID']}"
    for name in ("ENTRIES_TABLE", "CLIENTS_TABLE", "SETTINGS_TABLE"):
        table = PLACE.arn("dynamodb", f"table/{resources[name]}")
        for action in ("DeleteItem", "DeleteTable", "UpdateTable", "RestoreTableToPointInTime"):
            yield f"dynamodb:{action}", table, None
    yield "dynamodb:PutItem", PLACE.arn("dynamodb", f"table/{resources['CLIENTS_TABLE']}"), None
    for action in (
        "DeleteObject", "DeleteObjectVersion", "BypassGovernanceRetention", "PutObjectRetention",
        "PutObjectLegalHold", "PutObjectAcl",
    ):  # fmt: skip
        yield f"s3:{action}", seal, None
    for action in ("PutBucketPolicy", "PutBucketObjectLockConfiguration", "DeleteBucket"):
        yield f"s3:{action}", bucket, None
    yield "s3:ListBucketVersions", bucket, "consolidate_range"  # by any prefix
    bank_files = f"arn:aws:s3:::{resources['IMPORT_BUCKET']}"
    yield "s3:ListBucket", bank_files, None
    yield "s3:GetObject", f"{bank_files}/previews/padaria/1", "api_handler"
    yield "s3:DeleteBucket", bank_files, None
    yield "s3:PutObject", seal, "consolidate_range"
    yield "kms:Sign", resources["SIGNING_KEY_ID"], "consolidate_range"
    for action in ("ScheduleKeyDeletion", "DisableKey", "PutKeyPolicy", "CreateGrant"):
        yield f"kms:{action}", resources["SIGNING_KEY_ID"], None
    for action in ("DescribeUserPoolClient", "AdminSetUserPassword", "CreateUserPoolClient"):
        yield f"cognito-idp:{action}", PLACE.arn("cognito-idp", pool), None
    secret = "parameter/livro-caixa/{}/canary"
    yield "ssm:GetParameter", PLACE.arn("ssm", secret.format(STAGE)), "canary"
    yield "ssm:GetParameter", PLACE.arn("ssm", secret.format("production")), None
    yield "ssm:PutParameter", PLACE.arn("ssm", secret.format(STAGE)), None
    yield "iam:PassRole", "arn:aws:iam::123456789012:role/administrator", None
    yield "sts:AssumeRole", "arn:aws:iam::123456789012:role/administrator", None
    for action in ("InvokeFunction", "UpdateFunctionCode"):
        yield f"lambda:{action}", PLACE.arn("lambda", f"function:livro-caixa-{STAGE}"), None
    database = PLACE.arn("rds-db", f"dbuser:{DATABASE_ID}/livro_admin")
    yield "rds-db:connect", database, "migrate"
    for action in NETWORK:
        yield f"ec2:{action}", "*", None


def context(action: str) -> dict[str, str]:
    """Return the values that conditions of policies compare in a call of the application."""
    prefix = PREFIXES.get(action.removeprefix("s3:"))
    return {**REQUEST, "s3:prefix": prefix} if prefix else REQUEST


def resource_policies(resources: dict[str, str]) -> list[dict[str, Any]]:
    """Return the statements of the buckets' and the queue's policies."""
    names = {
        "${SealBucket.Arn}/*": f"arn:aws:s3:::{resources['SEAL_BUCKET']}/*",
        "SealBucket": f"arn:aws:s3:::{resources['SEAL_BUCKET']}",
        "${ImportBucket.Arn}/*": f"arn:aws:s3:::{resources['IMPORT_BUCKET']}/*",
        "ImportBucket": f"arn:aws:s3:::{resources['IMPORT_BUCKET']}",
        "QuarantineQueue": PLACE.arn("sqs", "q"),
    }

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(each) for each in value]
        return names[value["Fn::Sub"] if "Fn::Sub" in value else value["Fn::GetAtt"][0]]

    foundation = template("foundation")
    return [
        {**statement, "Resource": named(statement["Resource"])}
        for kind in ("AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy")
        for properties in of_type(foundation, kind).values()
        for statement in properties["PolicyDocument"]["Statement"]
    ]


def lambdas(function: Function) -> set[Right]:
    """Return the rights that Lambda and its tracer use under a function's role."""
    log = f"log-group:/aws/lambda/{function.aws_name(STAGE)}:log-stream:one"
    rights = {
        ("logs:CreateLogStream", PLACE.arn("logs", log)),
        ("logs:PutLogEvents", PLACE.arn("logs", log)),
        ("xray:PutTraceSegments", "*"),
        ("xray:PutTelemetryRecords", "*"),
    }
    if function.in_network:
        rights |= {(f"ec2:{action}", "*") for action in NETWORK}
    if function.name == "projector":
        rights |= {(f"dynamodb:{action}", STREAM_ARN) for action in STREAM}
        rights.add(("dynamodb:ListStreams", "*"))  # it has no narrower resource
    return rights


def policy(function: Function, resources: dict[str, str]) -> dict[str, Any]:
    """Return a function's policy for the recorded run's resources."""
    return filled_in(
        raw(function),
        {
            **place_values(STAGE, PLACE.region, PLACE.account_id),
            "EntriesTableArn": PLACE.arn("dynamodb", f"table/{resources['ENTRIES_TABLE']}"),
            "ClientsTableArn": PLACE.arn("dynamodb", f"table/{resources['CLIENTS_TABLE']}"),
            "SettingsTableArn": PLACE.arn("dynamodb", f"table/{resources['SETTINGS_TABLE']}"),
            "ImportsTableArn": PLACE.arn("dynamodb", f"table/{resources['IMPORTS_TABLE']}"),
            "ImportBucketArn": f"arn:aws:s3:::{resources['IMPORT_BUCKET']}",
            "EntriesStreamArn": STREAM_ARN,
            "QuarantineQueueArn": PLACE.arn("sqs", "q"),
            "StateMachineArn": resources["STATE_MACHINE_ARN"],
            "SigningKeyArn": resources["SIGNING_KEY_ID"],
            "SealBucketArn": f"arn:aws:s3:::{resources['SEAL_BUCKET']}",
            "UserPoolArn": PLACE.arn("cognito-idp", f"userpool/{resources['USER_POOL_ID']}"),
            "DatabaseResourceId": DATABASE_ID,
            "FastMemoryName": CACHE,
            "FastMemoryUser": CACHE,
        },
    )


def raw(function: Function) -> dict[str, Any]:
    """Return a function's policy from its file."""
    path = ROOT / ".chalice" / f"policy-{function.name}.json"
    text: dict[str, Any] = json.loads(path.read_text())
    return text


def rights_in(document: dict[str, Any]) -> set[Right]:
    """Return the rights that a policy allows, one per action and resource."""
    return {
        (action, resource)
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        for resource in _listed(statement["Resource"])
    }


def _listed(resource: str | list[str]) -> list[str]:
    return [resource] if isinstance(resource, str) else resource


def _covers(grant: Right, right: Right) -> bool:
    return grant[0] == right[0] and fnmatchcase(right[1], grant[1])
