"""A stand-in for AWS on loopback that responds at once and records the calls."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from verification.kit.http_server import Received, Sent, serving

SERVICES = {
    "DynamoDB_20120810": "dynamodb",
    "AWSStepFunctions": "stepfunctions",
    "AmazonSSM": "ssm",
}
RESPONSES: dict[str, Any] = {
    "GetItem": {"Item": {"merchant_id": {"S": "padaria"}}},
    "BatchGetItem": {"Responses": {}, "UnprocessedKeys": {}},
    "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
    "Scan": {"Items": [], "Count": 0, "ScannedCount": 0},
    "DescribeExecution": {"status": "SUCCEEDED", "startDate": 0, "stopDate": 0},
    "StartExecution": {"executionArn": "arn:aws:states:::execution:none", "startDate": 0},
    "GetParameter": {"Parameter": {"Value": "none"}},
}
Call = tuple[str, str, dict[str, Any]]


@dataclass
class AwsStandIn:
    """Its URL, and the calls that it received: service, operation and parameters."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)

    def taken(self) -> list[Call]:
        """Return the calls since the last time."""
        result, self.calls = self.calls, []
        return result

    def respond(self, request: Received) -> Sent:
        """Respond to a call of an AWS client or of the canary, and to all others with 503."""
        target, _, operation = request.headers.get("X-Amz-Target", "").partition(".")
        body = RESPONSES.get(operation, {})
        if target in SERVICES:
            parameters = json.loads(request.body)
            self.calls.append((SERVICES[target], operation, parameters))
            if "client_id" in parameters.get("Key", {}):
                # The canary reads the address that it calls, which is this one.
                urls = {"base_url": f"{self.url}/api", "token_url": f"{self.url}/oauth2/token"}
                body = {"Item": body["Item"] | {name: {"S": url} for name, url in urls.items()}}
        elif request.path == "/oauth2/token":
            body = {"access_token": "none", "expires_in": 3600}
        is_known = request.method == "POST" and (target or "token" in request.path)
        return Sent(200 if is_known else 503, body, "application/x-amz-json-1.0")


@contextmanager
def aws_stand_in() -> Iterator[AwsStandIn]:
    """Serve until the block ends."""
    stand_in = AwsStandIn()
    with serving(stand_in.respond) as stand_in.url:
        yield stand_in
