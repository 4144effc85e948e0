"""The night on the laptop: its state machine on the functions, and a day closed by hand."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.ledger.days import parse_day
from local.emulator import REGION, Emulator, aws_client
from local.packaging import STAGE
from local.places import PROJECT
from local.stacks import deploy_stack

FOLDER = PROJECT / "stepfunctions"
MACHINE = f"livro-caixa-{STAGE}-daily-consolidation"
STATE_MACHINE_ARN = f"arn:aws:states:{REGION}:000000000000:stateMachine:{MACHINE}"
EVENT_BUS = f"livro-caixa-{STAGE}"
RETENTION_DAYS = 1
"""Long enough to see that an object cannot be deleted, short enough for a laptop."""
_PAUSE_SECONDS = 0.5
_TASKS = {
    "AwaitProjectionArn": "await_projection",
    "PlanConsolidationArn": "plan_consolidation",
    "ConsolidateRangeArn": "consolidate_range",
    "SummarizeConsolidationArn": "summarize_consolidation",
}


def night_variables(foundation: dict[str, str]) -> dict[str, str]:
    """Answer the functions' environment variables that the night needs."""
    return {
        "SIGNING_KEY_ID": foundation["SigningKeyId"],
        "SEAL_BUCKET": foundation["SealBucket"],
        "EVENT_BUS": EVENT_BUS,
        # Its stack is made after the functions that it calls; the name is fixed.
        "STATE_MACHINE_ARN": STATE_MACHINE_ARN,
    }


def deploy_night(emulator: Emulator, foundation: dict[str, str], bucket: str) -> dict[str, str]:
    """Make or update the state machine, and retain what is sealed; answer the stack's outputs.

    `bucket` takes the definition. The emulator knows Object Lock by this call alone.
    """
    storage = emulator.client("s3")
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": RETENTION_DAYS}}
    storage.put_object_lock_configuration(
        Bucket=foundation["SealBucket"],
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
    )
    definition = (FOLDER / "daily_consolidation.asl.json").read_bytes()
    key = f"night-{hashlib.sha256(definition).hexdigest()[:16]}.json"
    storage.put_object(Bucket=bucket, Key=key, Body=definition)
    storage.put_object(
        Bucket=bucket, Key="night.yaml", Body=(FOLDER / "template.yaml").read_bytes()
    )
    return deploy_stack(
        emulator.client("cloudformation"),
        f"livro-caixa-{STAGE}-night",
        f"{emulator.endpoint}/{bucket}/night.yaml",
        {"Stage": STAGE, "Target": "emulator", "DefinitionBucket": bucket, "DefinitionKey": key}
        | {parameter: _function(task) for parameter, task in _TASKS.items()},
    )


@dataclass(frozen=True)
class Ended:
    """How an execution ended, and what it said in the end."""

    name: str
    status: str
    told: str


def close_day(endpoint: str, day: str) -> Ended:
    """Consolidate a day of all merchants under the next number, and wait for the end.

    Raises Invalid when the day is none.
    """
    parse_day(day)
    machines = aws_client(endpoint, "stepfunctions")
    return await_end(machines, start_day(machines, day))


def start_day(machines: Any, day: str, first: int = 0) -> str:
    """Start consolidating a day of all merchants under the next number; answer the execution's ARN.

    `first` 1 leaves the schedule its own number.
    """
    asked = {"day": day, "merchant_id": None, "started_by": "operator"}
    return next(_started(machines, day, json.dumps(asked), first))


def await_end(machines: Any, arn: str) -> Ended:
    """Wait for an execution's end."""
    while (found := machines.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(_PAUSE_SECONDS)
    told = found.get("cause") or found.get("output") or found.get("error") or ""
    return Ended(found["name"], found["status"], str(told))


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


def _function(task: str) -> str:
    return f"arn:aws:lambda:{REGION}:000000000000:function:livro-caixa-{STAGE}-{task}"
