"""Chalice's record of a deployed stage, written from what exists in AWS before each command.

Chalice writes its record only after a complete deployment, to a local file. After an interrupted
deployment, or on another machine, it would create a second API.
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
    """Write the record of a stage where Chalice reads it in a copy of the application."""
    path = folder / ".chalice" / "deployed" / f"{stage}.json"
    path.parent.mkdir(exist_ok=True)
    resources = list(deployed_resources(aws, stage))
    path.write_text(
        json.dumps({"resources": resources, "schema_version": "2.0", "backend": "api"}, indent=2)
    )


def deployed_resources(aws: Aws, stage: str) -> Iterator[Resource]:
    """Return a stage's resources as Chalice records them, each after those that it depends on."""
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
    """Return Chalice's name and the ARN of each of the stage's functions.

    Chalice's tag distinguishes the functions of a stage `eu` from those of a stage `eu-two`.
    """
    prefix = f"{APPLICATION}-{stage}"
    stage_tag = f":stage={stage}:app={APPLICATION}"
    client = aws.client("lambda")
    for page in client.get_paginator("list_functions").paginate():
        for function in page["Functions"]:
            name, arn = function["FunctionName"], function["FunctionArn"]
            if name == prefix or name.startswith(f"{prefix}-"):
                tag = client.list_tags(Resource=arn)["Tags"].get("aws-chalice", "")
                if tag.endswith(stage_tag):
                    yield name.removeprefix(prefix).removeprefix("-") or REST, arn


def api_of(aws: Aws, stage: str) -> str | None:
    """Return the id of the REST API that calls the stage's function, or None."""
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
    yield {
        "name": f"{name}_role",
        "resource_type": "iam_role",
        "role_arn": arn,
        "role_name": role,
    }


def _mapping(aws: Aws, name: str, arn: str) -> Iterator[Resource]:
    mappings = aws.client("lambda").list_event_source_mappings(FunctionName=arn)
    for mapping in mappings["EventSourceMappings"]:
        if ":dynamodb:" in mapping["EventSourceArn"] and mapping.get("State") != "Deleting":
            yield {
                "name": f"{name}-dynamodb-event-source",
                "resource_type": "dynamodb_event",
                "stream_arn": mapping["EventSourceArn"],
                "event_uuid": mapping["UUID"],
                "lambda_arn": arn,
            }


def _schedule(aws: Aws, stage: str, name: str) -> Iterator[Resource]:
    rule = f"{APPLICATION}-{stage}-{name}-event"
    rules = aws.client("events").list_rules(NamePrefix=rule)["Rules"]
    if rule in [existing["Name"] for existing in rules]:
        yield {"name": f"{name}-event", "resource_type": "cloudwatch_event", "rule_name": rule}
