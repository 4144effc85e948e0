"""Chalice's record of a stage, made anew from what stands in AWS before each of its commands.

Chalice keeps it in a file and writes that only when all went well: an interrupted deployment, or
one from another machine, would make a second API beside the first. AWS itself forgets nothing.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from deploy.aws import Aws
from infrastructure.functions import APPLICATION, FUNCTIONS, REST

Resource = dict[str, str]


def write_record(folder: Path, aws: Aws, stage: str) -> None:
    """Write the record of a stage into a staged copy, where Chalice looks for it."""
    path = folder / ".chalice" / "deployed" / f"{stage}.json"
    path.parent.mkdir(exist_ok=True)
    resources = list(standing(aws, stage))
    path.write_text(
        json.dumps({"resources": resources, "schema_version": "2.0", "backend": "api"}, indent=2)
    )


def standing(aws: Aws, stage: str) -> Iterator[Resource]:
    """Return what Chalice made for a stage: in Chalice's words, what others need first."""
    functions = dict(functions_of(aws, stage))
    names = [*dict.fromkeys([*functions, *(function.name for function in FUNCTIONS)])]
    for name in names:
        yield from _role(aws, stage, name)
        if name in functions:
            arn = functions[name]
            yield {"name": name, "resource_type": "lambda_function", "lambda_arn": arn}
            yield from _mapping(aws, name, arn)
            yield from _schedule(aws, stage, name)
    api = api_of(aws, stage)
    if api is not None:
        yield {"name": "rest_api", "resource_type": "rest_api", "rest_api_id": api}


def functions_of(aws: Aws, stage: str) -> Iterator[tuple[str, str]]:
    """Return the stage's functions: Chalice's name and the ARN of each.

    By Chalice's own tag: the functions of a stage `eu` must not pass for those of a stage `eu-two`.
    """
    prefix = f"{APPLICATION}-{stage}"
    mine = f":stage={stage}:app={APPLICATION}"
    client = aws.client("lambda")
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name, arn = function["FunctionName"], function["FunctionArn"]
            if name == prefix or name.startswith(f"{prefix}-"):
                tag = client.list_tags(Resource=arn)["Tags"].get("aws-chalice", "")
                if tag.endswith(mine):
                    yield name.removeprefix(prefix).removeprefix("-") or REST, arn


def api_of(aws: Aws, stage: str) -> str | None:
    """Return the id of the stage's REST API, found by the function that it calls."""
    client = aws.client("apigateway")
    for page in client.get_paginator("get_rest_apis").paginate():
        for api in page["items"]:
            if api["name"] == APPLICATION and _calls(client, api["id"], f"{APPLICATION}-{stage}"):
                return str(api["id"])
    return None


def _calls(client: Any, api: str, function: str) -> bool:
    pages = client.get_paginator("get_resources").paginate(restApiId=api, embed=["methods"])
    for page in pages:
        for resource in page["items"]:
            for method in resource.get("resourceMethods", {}).values():
                uri = method.get("methodIntegration", {}).get("uri", "")
                if uri:
                    return f":function:{function}/invocations" in uri
    return False


def _role(aws: Aws, stage: str, name: str) -> Iterator[Resource]:
    role = f"{APPLICATION}-{stage}-{name}"
    try:
        arn = aws.client("iam").get_role(RoleName=role)["Role"]["Arn"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return
    named = {"name": f"{name}_role", "resource_type": "iam_role"}
    yield {**named, "role_arn": arn, "role_name": role}


def _mapping(aws: Aws, name: str, arn: str) -> Iterator[Resource]:
    result = aws.client("lambda").list_event_source_mappings(FunctionName=arn)
    for eventsourcemapping in result["EventSourceMappings"]:
        if (
            ":dynamodb:" in eventsourcemapping["EventSourceArn"]
            and eventsourcemapping.get("State") != "Deleting"
        ):
            named = {"name": f"{name}-dynamodb-event-source", "resource_type": "dynamodb_event"}
            place = {
                "stream_arn": eventsourcemapping["EventSourceArn"],
                "event_uuid": eventsourcemapping["UUID"],
            }
            yield {**named, **place, "lambda_arn": arn}


def _schedule(aws: Aws, stage: str, name: str) -> Iterator[Resource]:
    rule = f"{APPLICATION}-{stage}-{name}-event"
    result = aws.client("events").list_rules(NamePrefix=rule)["Rules"]
    if any(one["Name"] == rule for one in result):
        yield {"name": f"{name}-event", "resource_type": "cloudwatch_event", "rule_name": rule}
