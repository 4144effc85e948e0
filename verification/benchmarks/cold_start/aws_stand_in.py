"""A stand-in for AWS on loopback that responds at once and records the calls."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SERVICES = {
    "DynamoDB_20120810": "dynamodb",
    "AWSStepFunctions": "stepfunctions",
    "AWSCognitoIdentityProviderService": "cognito-idp",
}
RESPONSES: dict[str, Any] = {
    "GetItem": {"Item": {"merchant_id": {"S": "padaria"}}},
    "BatchGetItem": {"Responses": {}, "UnprocessedKeys": {}},
    "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
    "Scan": {"Items": [], "Count": 0, "ScannedCount": 0},
    "StartExecution": {"executionArn": "arn:aws:states:::execution:none", "startDate": 0},
    "DescribeUserPoolClient": {"UserPoolClient": {"ClientSecret": "none"}},
}
Call = tuple[str, str, dict[str, Any]]


@dataclass
class AwsStandIn:
    """Its URL, and the calls that it received: service, operation and parameters."""

    url: str
    calls: list[Call] = field(default_factory=list)

    def taken(self) -> list[Call]:
        """Return the calls since the last time."""
        result, self.calls = self.calls, []
        return result


@contextmanager
def aws_stand_in() -> Iterator[AwsStandIn]:
    """Serve until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    stand_in = AwsStandIn(f"http://127.0.0.1:{server.server_port}")
    server.stand_in = stand_in  # type: ignore[attr-defined]
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target, _, operation = self.headers.get("X-Amz-Target", "").partition(".")
        response = RESPONSES.get(operation, {})
        if target in SERVICES:
            stand_in: AwsStandIn = self.server.stand_in  # type: ignore[attr-defined]
            parameters = json.loads(text)
            stand_in.calls.append((SERVICES[target], operation, parameters))
            response = self._addressed(response, parameters)
        elif self.path == "/oauth2/token":
            response = {"access_token": "none", "expires_in": 3600}
        self._respond(200 if target or "token" in self.path else 503, response)

    def do_GET(self) -> None:
        self._respond(503, {})

    def _addressed(self, response: Any, parameters: dict[str, Any]) -> Any:
        # The canary reads the address that it calls, which is this one.
        if "client_id" not in parameters.get("Key", {}):
            return response
        here = f"http://{self.headers['Host']}"
        addresses = {"base_url": {"S": f"{here}/api"}, "token_url": {"S": f"{here}/oauth2/token"}}
        return {"Item": {**response["Item"], **addresses}}

    def _respond(self, status: int, body: Any) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Write nothing."""
