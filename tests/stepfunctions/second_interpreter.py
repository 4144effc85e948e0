"""Moto's interpreter of state machines, which runs the tasks' stubs in this process."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

from tests.stepfunctions import stub_tasks
from tests.stepfunctions.definition import State

CONFIG: Any = {"stepfunctions": {"execute_state_machine": True}}
ROLE = "arn:aws:iam::123456789012:role/livro-caixa-test"


@contextmanager
def second_interpreter(
    definitions: dict[str, State], functions: dict[str, str], calls: dict[str, Any]
) -> Iterator[tuple[Any, dict[str, str]]]:
    """Create machines with these functions' ARNs; yield a client of their service, and their ARNs.

    `calls` is the table in which the stubs count. Retries begin at once.
    """
    with pytest.MonkeyPatch.context() as patch, mock_aws(config=CONFIG):
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setattr(retrier_decl, "time", SimpleNamespace(sleep=lambda _seconds: None))
        patch.setattr(stub_tasks, "end_process", _fail)
        patch.setattr(BaseClient, "_make_api_call", _with_stubs())
        boto3.client("dynamodb").create_table(**calls)
        client = boto3.client("stepfunctions")
        arns = {}
        for name, definition in definitions.items():
            created = client.create_state_machine(
                name=name, definition=_filled(definition, functions), roleArn=ROLE
            )
            arns[name] = created["stateMachineArn"]
        yield client, arns


def _filled(definition: State, functions: dict[str, str]) -> str:
    # The language accepts no interval of 0, which the first interpreter takes.
    text = json.dumps(definition).replace('"IntervalSeconds": 0', '"IntervalSeconds": 1')
    for name, arn in functions.items():
        text = text.replace(f"${{{name}}}", arn)
    return text


def _with_stubs() -> Any:
    deliver = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        if operation != "Invoke":
            return deliver(client, operation, parameters)
        task = getattr(stub_tasks, parameters["FunctionName"].rpartition(":")[2])
        try:
            return _response(task(json.loads(parameters["Payload"]), None))
        except Exception as error:
            message = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {"FunctionError": "Unhandled", **_response(message)}

    return call


def _response(result: Any) -> dict[str, Any]:
    metadata = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RequestId": "one"}
    payload = io.BytesIO(json.dumps(result).encode())
    return {"StatusCode": 200, "Payload": payload, "ResponseMetadata": metadata}


def _fail() -> None:
    raise RuntimeError("the process ended")
