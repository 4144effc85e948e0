"""The IAM rights that an AWS call needs: actions and the ARNs of their resources.

Most actions have the name of the operation; the others follow the service authorization reference.
"""

from collections.abc import Callable, Iterator, Mapping
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
    return set(_SERVICES[service](operation, params, place))


def _dynamodb(operation: str, params: Params, place: Place) -> Iterator[Right]:
    def table(name: str) -> str:
        return place.arn("dynamodb", f"table/{name}")

    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            for kind, words in item.items():
                action = "ConditionCheckItem" if kind == "ConditionCheck" else f"{kind}Item"
                yield f"dynamodb:{action}", table(words["TableName"])
    elif operation.startswith("Batch"):
        for name in params["RequestItems"]:
            yield f"dynamodb:{operation}", table(name)
    else:
        index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
        yield f"dynamodb:{operation}", table(params["TableName"]) + index


def _sqs(operation: str, params: Params, place: Place) -> Iterator[Right]:
    queue = place.arn("sqs", params["QueueUrl"].rpartition("/")[2])
    yield f"sqs:{operation.removesuffix('Batch')}", queue


def _states(operation: str, params: Params, _place: Place) -> Iterator[Right]:
    yield f"states:{operation}", params.get("executionArn") or params["stateMachineArn"]


def _kms(operation: str, params: Params, place: Place) -> Iterator[Right]:
    key = params["KeyId"]
    yield f"kms:{operation}", key if key.startswith("arn:") else place.arn("kms", f"key/{key}")


def _s3(operation: str, params: Params, _place: Place) -> Iterator[Right]:
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    if operation == "ListObjectVersions":
        yield "s3:ListBucketVersions", bucket
    else:
        version = "Version" if "VersionId" in params else ""
        yield f"s3:{operation}{version}", f"{bucket}/{params['Key']}"


def _events(operation: str, params: Params, place: Place) -> Iterator[Right]:
    for entry in params["Entries"]:
        yield f"events:{operation}", place.arn("events", f"event-bus/{entry['EventBusName']}")


def _cognito(operation: str, params: Params, place: Place) -> Iterator[Right]:
    yield f"cognito-idp:{operation}", place.arn("cognito-idp", f"userpool/{params['UserPoolId']}")


_SERVICES: dict[str, Callable[[str, Params, Place], Iterator[Right]]] = {
    "dynamodb": _dynamodb,
    "sqs": _sqs,
    "sfn": _states,
    "kms": _kms,
    "s3": _s3,
    "eventbridge": _events,
    "cognito-identity-provider": _cognito,
}
