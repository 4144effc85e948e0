"""The night on the laptop: where its state machine is, and a day closed by hand."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.ledger.days import parse_day
from local.emulator import ACCOUNT, REGION, aws_client
from local.packaging import STAGE

MACHINE = f"livro-caixa-{STAGE}-daily-consolidation"
STATE_MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{MACHINE}"
EVENT_BUS = f"livro-caixa-{STAGE}"
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Ended:
    """How an execution ended, and what it said in the end."""

    name: str
    status: str
    told: str


def close_day(endpoint: str, day: str) -> Ended:
    """Consolidate a day of all merchants under the next number, and wait for the end.

    Raises ValidationError when the day is none.
    """
    parse_day(day)
    machines = aws_client(endpoint, "stepfunctions")
    return await_end(machines, start_day(machines, day))


def start_day(machines: Any, day: str, first: int = 0) -> str:
    """Start consolidating a day of all merchants under the next number; answer the execution's ARN.

    `first` 1 leaves the schedule its own number.
    """
    request = {"day": day, "merchant_id": None, "started_by": "operator"}
    return next(_started(machines, day, json.dumps(request), first))


def await_end(machines: Any, arn: str) -> Ended:
    """Wait for an execution's end."""
    while (matches := machines.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(_PAUSE_SECONDS)
    result = matches.get("cause") or matches.get("output") or matches.get("error") or ""
    return Ended(matches["name"], matches["status"], str(result))


def _started(machines: Any, day: str, asked: str, first: int) -> Iterator[str]:
    # A used name stays used after a failure, so an operator's repetition takes the next number.
    for attempt in count(first):
        try:
            yield machines.start_execution(
                stateMachineArn=STATE_MACHINE_ARN, name=f"{day}-{attempt}", input=asked
            )["executionArn"]
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
