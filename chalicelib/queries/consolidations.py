"""Consolidations that a merchant started, as Step Functions describes their executions."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from chalicelib.ledger.errors import ConsolidationUnavailableError, NotFoundError
from chalicelib.runtime import clients

Status = Literal["running", "succeeded", "failed"]
_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z2-7]{32}", re.ASCII)
_STATUSES: Mapping[str, Status] = {"RUNNING": "running", "SUCCEEDED": "succeeded"}
_COUNTS = ("merchants", "closed", "repaired", "failed")


@dataclass(frozen=True, slots=True)
class Consolidation:
    """An execution: its status and its counts, which are None until it has ended."""

    consolidation_id: str
    status: Status
    started_at: datetime
    stopped_at: datetime | None
    counts: Mapping[str, int | None]


Describe = Callable[[str], Mapping[str, Any] | None]
"""Returns the response of DescribeExecution for an execution's name, None if it does not exist."""


def consolidation(describe: Describe, merchant_id: str, consolidation_id: str) -> Consolidation:
    """Return a consolidation that the merchant started.

    Raises NotFoundError for any other, ConsolidationUnavailableError when Step Functions does not
    respond.
    """
    execution = describe(consolidation_id) if _NAME.fullmatch(consolidation_id) else None
    if execution is None or json.loads(execution["input"]).get("merchant_id") != merchant_id:
        raise NotFoundError("This merchant started no consolidation with this id.")
    summary = _summary(execution)
    return Consolidation(
        consolidation_id=consolidation_id,
        status=_STATUSES.get(execution["status"], "failed"),
        started_at=execution["startDate"],
        stopped_at=execution.get("stopDate"),
        counts={name: summary.get(name) for name in _COUNTS},
    )


def describer(client: Any, state_machine_arn: str) -> Describe:
    """Return a function that describes executions of a state machine by their names."""
    prefix = state_machine_arn.replace(":stateMachine:", ":execution:")

    def describe(name: str) -> Mapping[str, Any] | None:
        try:
            response: Mapping[str, Any] = client.describe_execution(executionArn=f"{prefix}:{name}")
        except client.exceptions.ExecutionDoesNotExist:
            return None
        except clients.aws_failures() as failure:
            raise ConsolidationUnavailableError(
                "The status of the consolidation cannot be read now; retry shortly."
            ) from failure
        return response

    return describe


def _summary(execution: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the summary that the execution ended with, empty where it ended without one."""
    # If merchants failed, the summary is the cause; any other cause is not a JSON object.
    try:
        summary = json.loads(execution.get("cause") or execution.get("output") or "{}")
    except ValueError:
        return {}
    return summary if isinstance(summary, dict) else {}
