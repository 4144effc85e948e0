"""Each function may do in AWS what it does, on the resources that it does it to, and no more.

Every function is run once through all that it does (walk.py); its rights, and its policy's, must
be the same. What Lambda itself does in a function's name is listed here.
"""

import json
import os
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from infrastructure.functions import FUNCTIONS, Function
from infrastructure.policies import filled_in, place_values
from local.stores.valkey import Valkey
from tests.rights.iam_actions import Right
from tests.rights.scenario import CACHE, PLACE, RESOURCE_ID, STAGE

PROJECT = Path(__file__).parents[2]
# Interfaces in the network are Lambda's to make, and traces its daemon's to send.
NETWORK = (
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
)
STREAM = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
STREAM_ARN = PLACE.arn("dynamodb", "table/entries/stream/1")


@pytest.fixture(scope="module")
def walked(postgres: Any, valkey: Valkey) -> dict[str, Any]:
    """The rights that each function took, and the resources that it took them on."""
    from tests.fixtures.database import ReadModelDatabase

    name = "rights"
    whole = ReadModelDatabase(postgres.host, postgres.port, "postgres", postgres.superuser)
    connection = whole.connect(postgres.superuser)
    connection.run("CREATE ROLE livro_admin LOGIN SUPERUSER")
    connection.run(f"CREATE DATABASE {name}")
    connection.close()
    place = [postgres.host, str(postgres.port), name, str(valkey.port)]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.rights.scenario", *place],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    text: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return text


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
def test_a_function_may_do_what_it_does_and_no_more(
    function: Function, walked: dict[str, Any]
) -> None:
    taken = {(action, arn) for action, arn in walked["taken"][function.name]} | lambdas(function)
    granted = rights_in(policy(function, walked["resources"]))
    missing = {one for one in taken if not any(_covers(grant, one) for grant in granted)}
    spare = {grant for grant in granted if not any(_covers(grant, one) for one in taken)}
    assert (missing, spare) == (set(), set())


@pytest.mark.parametrize(
    "function", [one for one in FUNCTIONS if one.in_network], ids=lambda one: one.name
)
def test_what_lambda_does_for_the_network_a_functions_own_code_may_not(function: Function) -> None:
    (denied,) = [one for one in raw(function)["Statement"] if one["Effect"] == "Deny"]
    assert {action.removeprefix("ec2:") for action in denied["Action"]} == set(NETWORK)
    own = denied["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]
    assert own.endswith(f":function:{function.aws_name('${Stage}')}")


def lambdas(function: Function) -> set[Right]:
    """Return what Lambda and its tracer do in a function's name."""
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
    return rights


def policy(function: Function, resources: dict[str, str]) -> dict[str, Any]:
    """Return a function's policy with the walk's resources in it."""
    return filled_in(
        raw(function),
        {
            **place_values(STAGE, PLACE.region, PLACE.account_id),
            "EntriesTableArn": PLACE.arn("dynamodb", f"table/{resources['ENTRIES_TABLE']}"),
            "ClientsTableArn": PLACE.arn("dynamodb", f"table/{resources['CLIENTS_TABLE']}"),
            "EntriesStreamArn": STREAM_ARN,
            "QuarantineQueueArn": PLACE.arn("sqs", "quarantine"),
            "StateMachineArn": resources["STATE_MACHINE_ARN"],
            "SigningKeyArn": resources["SIGNING_KEY_ID"],
            "SealBucketArn": f"arn:aws:s3:::{resources['SEAL_BUCKET']}",
            "UserPoolArn": PLACE.arn("cognito-idp", f"userpool/{resources['USER_POOL_ID']}"),
            "DatabaseResourceId": RESOURCE_ID,
            "FastMemoryName": CACHE,
            "FastMemoryUser": CACHE,
        },
    )


def raw(function: Function) -> dict[str, Any]:
    """Return a function's policy as it is written."""
    path = PROJECT / ".chalice" / f"policy-{function.name}.json"
    text: dict[str, Any] = json.loads(path.read_text())
    return text


def rights_in(document: dict[str, Any]) -> set[Right]:
    """Return what a policy allows, action by action and resource by resource."""
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
