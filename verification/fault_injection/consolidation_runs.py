"""Consolidation runs: started on past days, watched state by state, and awaited."""

import contextlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from botocore.exceptions import ClientError

from local.consolidation import (
    STATE_MACHINE_ARN,
    ExecutionResult,
    start_consolidation,
    wait_for_execution,
)
from local.packaging import STAGE
from verification.commands import VerificationError
from verification.local_cluster import LocalCluster, wait_until

MOST_SECONDS = 720.0
"""More than the ten minutes that a run waits for the projection."""
MOST_REPETITIONS = 4


class ConsolidationRunError(VerificationError):
    """A run did not end as it must; the message names it and how it ended."""


@dataclass(frozen=True)
class ConsolidationRun:
    """An execution of the state machine for a day, and every changed day before it."""

    cluster: LocalCluster
    client: Any
    day: date
    arn: str

    @property
    def name(self) -> str:
        """The execution's name."""
        return self.arn.rpartition(":")[2]

    def reach(self, state: str) -> None:
        """Wait until it has been in a state, or has ended without it."""
        wait_until(
            lambda: state in map(_entered, self._events()) or self.is_over(),
            f"{self.name} is not in {state}",
            self.cluster.log,
        )

    def interrupted(self, state: str) -> int:
        """Return how many calls of a function failed while the run was in a state."""
        failed, current = 0, ""
        for event in self._events():
            current = _entered(event) or current
            failed += event["type"] == "TaskFailed" and current == state
        return failed

    def abort(self) -> bool:
        """Stop it, as an operator may; return whether it had not ended before."""
        with contextlib.suppress(ClientError):
            self.client.stop_execution(executionArn=self.arn)
        return self.end().status == "ABORTED"

    def end(self) -> ExecutionResult:
        """Wait for its end; raise ClusterDownError if it never ends."""
        wait_until(self.is_over, f"{self.name} did not end", self.cluster.log, MOST_SECONDS)
        return wait_for_execution(self.client, self.arn)

    def must_succeed(self) -> None:
        """Wait for its end; where a store timed out, a later run does the rest.

        Raises ConsolidationRunError if a run, or the last repetition, does not succeed.
        """
        run = self
        for _ in range(MOST_REPETITIONS):
            ended = run.end()
            if ended.status == "SUCCEEDED":
                return
            failures = run._failures()
            if not (failures and are_timeouts(failures)):
                break
            run = start_run(self.cluster, self.day)
        lines = [f"{run.name} ended {ended.status}: {ended}", *map(str, run._failures())]
        raise ConsolidationRunError("\n".join(lines))

    def is_over(self) -> bool:
        """Return whether it has ended."""
        execution = self.client.describe_execution(executionArn=self.arn)
        return str(execution["status"]) != "RUNNING"

    def _failures(self) -> list[dict[str, Any]]:
        """Return the logged failures of merchants since the run was started."""
        started = self.client.describe_execution(executionArn=self.arn)["startDate"]
        logged = self.cluster.client("logs").filter_log_events(
            logGroupName=f"/aws/lambda/livro-caixa-{STAGE}-consolidate_range",
            filterPattern="merchant_failed",
            startTime=int(started.timestamp() * 1000),
        )
        lines = [json.loads(event["message"]) for event in logged["events"]]
        return [{name: line[name] for name in ("day", "reason", "errors")} for line in lines]

    def _events(self) -> Iterator[Any]:
        pages = self.client.get_paginator("get_execution_history")
        for page in pages.paginate(executionArn=self.arn):
            yield from page["events"]


def are_timeouts(failures: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether merchants failed only by timeouts of stores, and none by our own error."""
    return all(
        failure["reason"] is None and any("Timeout" in name for name in failure["errors"])
        for failure in failures
    )


def start_run(cluster: LocalCluster, day: date) -> ConsolidationRun:
    """Start closing a day of all merchants and every changed day before it."""
    client = cluster.client("stepfunctions")
    arn = start_consolidation(client, day.isoformat())
    return ConsolidationRun(cluster, client, day, arn)


def scheduled_run(cluster: LocalCluster, day: date) -> ConsolidationRun | None:
    """Return the run of a day that the schedule started, None before it did."""
    client = cluster.client("stepfunctions")
    arn = f"{STATE_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:{day}-0"
    try:
        client.describe_execution(executionArn=arn)
    except client.exceptions.ExecutionDoesNotExist:
        return None
    return ConsolidationRun(cluster, client, day, arn)


def count_runs(cluster: LocalCluster) -> Counter[str]:
    """Return how many runs there were, by status."""
    client = cluster.client("stepfunctions")
    pages = client.get_paginator("list_executions").paginate(stateMachineArn=STATE_MACHINE_ARN)
    return Counter(execution["status"] for page in pages for execution in page["executions"])


def _entered(event: Any) -> str:
    return str(event.get("stateEnteredEventDetails", {}).get("name", ""))
