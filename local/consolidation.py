"""Consolidation runs on the laptop: start the state machine for a day, and wait for its end."""

import json
import time
from dataclasses import dataclass
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

from local.emulator import ACCOUNT, REGION, aws_client
from local.packaging import STAGE

MACHINE = f"livro-caixa-{STAGE}-daily-consolidation"
STATE_MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{MACHINE}"
EVENT_BUS = f"livro-caixa-{STAGE}"
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class ExecutionResult:
    """An ended execution: its name, its status, and its output or the reason of its failure."""

    name: str
    status: str
    output: str


def close_day(endpoint: str, day: str) -> ExecutionResult:
    """Consolidate a day (YYYY-MM-DD) of all merchants, and wait for the end."""
    machines = aws_client(endpoint, "stepfunctions")
    return wait_for_execution(machines, start_consolidation(machines, day))


def start_consolidation(machines: Any, day: str) -> str:
    """Start a consolidation of a day of all merchants; return the execution's ARN.

    Executions are named `<day>-m<number>`. A used name stays used after a failure, so a repetition
    takes the next number. Names without the `m` are the schedule's.
    """
    request = json.dumps({"day": day, "merchant_id": None, "started_by": "operator"})
    for number in count(1):
        try:
            arn: str = machines.start_execution(
                stateMachineArn=STATE_MACHINE_ARN, name=f"{day}-m{number}", input=request
            )["executionArn"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
        else:
            return arn
    raise AssertionError("count() does not end")


def wait_for_execution(machines: Any, arn: str) -> ExecutionResult:
    """Wait for an execution's end."""
    while (execution := machines.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(_PAUSE_SECONDS)
    output = execution.get("cause") or execution.get("output") or execution.get("error") or ""
    return ExecutionResult(execution["name"], execution["status"], str(output))
