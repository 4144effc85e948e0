"""The IAM rights that an AWS call needs: actions and the ARNs of their resources.

Most actions have the name of the operation; the others follow the service authorization reference.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Right = tuple[str, str]
"""An IAM action, and the ARN of the resource that it is needed for."""

Params = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """The account and region of the ARNs."""

    region: str
    account_id: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a service's resource."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"


def rights_of(service: str, operation: str, params: Params, place: Place) -> set[Right]:
    """Return the rights that a call needs; raise KeyError for a service not listed below."""
    return set(_rights(service, operation, params, place))


def _rights(service: str, operation: str, params: Params, place: Place) -> Iterator[Right]:
    match service, operation:
        case "dynamodb", _:
            yield from _dynamodb(operation, params, place)
        case "sqs", _:
            queue = place.arn("sqs", params["QueueUrl"].rpartition("/")[2])
            yield f"sqs:{operation.removesuffix('Batch')}", queue
        case "sfn", _:
            yield f"states:{operation}", params.get("executionArn") or params["stateMachineArn"]
        case "kms", _:
            key = params["KeyId"]
            arn = key if key.startswith("arn:") else place.arn("kms", f"key/{key}")
            yield f"kms:{operation}", arn
        case "s3", _:
            yield from _s3(operation, params)
        case "eventbridge", _:
            for entry in params["Entries"]:
                bus = place.arn("events", f"event-bus/{entry['EventBusName']}")
                yield f"events:{operation}", bus
        case "ssm", _:
            yield f"ssm:{operation}", place.arn("ssm", f"parameter{params['Name']}")
        case _:
            raise KeyError(service)


def _s3(operation: str, params: Params) -> Iterator[Right]:
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    match operation:
        case "ListObjectVersions":
            yield "s3:ListBucketVersions", bucket
        case "ListObjectsV2":
            yield "s3:ListBucket", bucket
        case "DeleteObjects":
            for named in params["Delete"]["Objects"]:
                yield "s3:DeleteObject", f"{bucket}/{named['Key']}"
        case _:
            version = "Version" if "VersionId" in params else ""
            yield f"s3:{operation}{version}", f"{bucket}/{params['Key']}"


def _dynamodb(operation: str, params: Params, place: Place) -> Iterator[Right]:
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            for kind, words in item.items():
                yield f"dynamodb:{kind}Item", _table(place, words["TableName"])
    elif operation.startswith("Batch"):
        for name in params["RequestItems"]:
            yield f"dynamodb:{operation}", _table(place, name)
    else:
        index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
        yield f"dynamodb:{operation}", _table(place, params["TableName"]) + index


def _table(place: Place, name: str) -> str:
    return place.arn("dynamodb", f"table/{name}")
