"""Consolidations that a merchant started: what Step Functions knows of their executions."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from chalicelib.ledger.errors import ConsolidationUnavailableError, NotFoundError
from chalicelib.runtime import clients, settings

Status = Literal["running", "succeeded", "failed"]
_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z2-7]{32}", re.ASCII)
_STATUSES: Mapping[str, Status] = {"RUNNING": "running", "SUCCEEDED": "succeeded"}
_COUNTS = ("merchants", "closed", "repaired", "failed")


@dataclass(frozen=True, slots=True)
class Consolidation:
    """An execution: how it stands, and what it did; the counts are None until it has ended."""

    consolidation_id: str
    status: Status
    started_at: datetime
    stopped_at: datetime | None
    counts: Mapping[str, int | None]


Describe = Callable[[str], Mapping[str, Any] | None]
"""Returns what DescribeExecution answers to an execution's name, None where there is none."""


def real() -> Describe:
    """Return what describes this deployment's executions."""
    machine = settings.current().state_machine_arn
    return describer(clients.aws("stepfunctions"), machine)


def consolidation(describe: Describe, merchant_id: str, consolidation_id: str) -> Consolidation:
    """Return a consolidation that the merchant started.

    Raises NotFoundError for any other, ConsolidationUnavailableError when Step Functions does not
    answer.
    """
    match = describe(consolidation_id) if _NAME.fullmatch(consolidation_id) else None
    if match is None or json.loads(match["input"]).get("merchant_id") != merchant_id:
        raise NotFoundError("This merchant started no consolidation of this id.")
    result = _told(match)
    return Consolidation(
        consolidation_id=consolidation_id,
        status=_STATUSES.get(match["status"], "failed"),
        started_at=match["startDate"],
        stopped_at=match.get("stopDate"),
        counts={name: result.get(name) for name in _COUNTS},
    )


def describer(client: Any, state_machine_arn: str) -> Describe:
    """Return what asks Step Functions for executions of a state machine by their names."""
    prefix = state_machine_arn.replace(":stateMachine:", ":execution:")

    def describe(name: str) -> Mapping[str, Any] | None:
        try:
            answer: Mapping[str, Any] = client.describe_execution(executionArn=f"{prefix}:{name}")
        except client.exceptions.ExecutionDoesNotExist:
            return None
        except clients.aws_failures() as failure:
            raise ConsolidationUnavailableError(
                "The consolidation's state is not known now."
            ) from failure
        return answer

    return describe


def _told(execution: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the summary that the execution ended with, empty where it ended without one."""
    # One that failed merchants tells its summary as its cause; another cause is no JSON object.
    try:
        result = json.loads(execution.get("cause") or execution.get("output") or "{}")
    except ValueError:
        return {}
    return result if isinstance(result, dict) else {}
