"""Moto's interpreter of state machines, which runs the tasks' stubs in this process."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.utils import json_path

from tests.stepfunctions import stub_tasks
from tests.stepfunctions.definition import State

CONFIG: Any = {"stepfunctions": {"execute_state_machine": True}}
ROLE = "arn:aws:iam::123456789012:role/livro-caixa-test"


@contextmanager
def second_interpreter(
    definitions: dict[str, State], functions: dict[str, str], calls: Path
) -> Iterator[tuple[Any, dict[str, str]]]:
    """Create machines with these functions' ARNs; yield a client of their service, and their ARNs.

    `calls` is the folder in which the stubs count. Retries begin at once.
    """
    with pytest.MonkeyPatch.context() as patch, mock_aws(config=CONFIG):
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setattr(retrier_decl, "time", SimpleNamespace(sleep=lambda _seconds: None))
        patch.setattr(stub_tasks, "end_process", _fail)
        patch.setenv("CALLS", str(calls))
        # Moto makes a client for each call, and parses each path whenever it follows it.
        patch.setattr(lambda_eval_utils, "boto_client_for", lambda **_: _Functions)
        patch.setattr(json_path, "parse", cache(json_path.parse))
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


class _Functions:
    """A client of Lambda that runs the stubs."""

    @staticmethod
    def invoke(**parameters: Any) -> dict[str, Any]:
        task = getattr(stub_tasks, parameters["FunctionName"].rpartition(":")[2])
        try:
            return _response(task(json.loads(parameters["Payload"]), None))
        except Exception as error:
            message = {"errorType": type(error).__name__, "errorMessage": str(error)}
            return {"FunctionError": "Unhandled", **_response(message)}


def _response(result: Any) -> dict[str, Any]:
    metadata = {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RequestId": "one"}
    payload = io.BytesIO(json.dumps(result).encode())
    return {"StatusCode": 200, "Payload": payload, "ResponseMetadata": metadata}


def _fail() -> None:
    raise RuntimeError("the process ended")
