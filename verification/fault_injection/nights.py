"""Nights of a drill: started on past days, watched state by state, and seen to their end."""

import contextlib
import json
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
from verification.local_cluster import Laptop, wait_until

MOST_SECONDS = 720.0
"""More than the ten minutes that a night waits for the projection."""

MOST_REPETITIONS = 4


class ConsolidationRunError(RuntimeError):
    """A night did not end as it should; the message says which one and how it ended."""


@dataclass(frozen=True)
class Night:
    """An execution of the state machine; `name` is its day and number."""

    laptop: Laptop
    machines: Any
    arn: str

    @property
    def name(self) -> str:
        """The execution's name."""
        return self.arn.rpartition(":")[2]

    @property
    def day(self) -> date:
        """The day that it closes, with every changed day before it."""
        return date.fromisoformat(self.name.rpartition("-")[0])

    def reach(self, state: str) -> None:
        """Wait until it has been in a state, or is over without."""
        wait_until(
            lambda: self._has_been_in(state) or self.is_over(),
            f"{self.name} is not in {state}",
            self.laptop.log,
        )

    def broken(self, state: str) -> int:
        """Return how many calls of a function broke off while it was in a state."""
        broken, within = 0, ""
        for event in self._events():
            within = _entered(event) or within
            broken += event["type"] == "TaskFailed" and within == state
        return broken

    def abort(self) -> bool:
        """Stop it, as an operator may; say whether it had not ended by itself."""
        with contextlib.suppress(ClientError):
            self.machines.stop_execution(executionArn=self.arn)
        return self.end() == "ABORTED"

    def end(self) -> str:
        """Wait for its end and return how it ended; raise ClusterDownError when it never ends."""
        return self._ended().status

    def must_succeed(self) -> None:
        """Wait for its end; where a store did not answer in time, the next one does the rest.

        Raises ConsolidationRunError when it, or the third one after it, ends otherwise than well.
        """
        night = self
        for _ in range(MOST_REPETITIONS):
            ended = night._ended()
            if ended.status == "SUCCEEDED":
                return
            if not night._is_a_stores_fault():
                break
            night = start_night(self.laptop, self.day)
        result = f"{night.name} ended {ended.status}: {ended.output}"
        raise ConsolidationRunError("\n".join([result, *map(str, night._failures())]))

    def _ended(self) -> ExecutionResult:
        wait_until(self.is_over, f"{self.name} did not end", self.laptop.log, MOST_SECONDS)
        return wait_for_execution(self.machines, self.arn)

    def _is_a_stores_fault(self) -> bool:
        failures = self._failures()
        return bool(failures) and is_a_stores_fault(failures)

    def _failures(self) -> list[dict[str, Any]]:
        """Return what the functions' log says of merchants that failed since it was started."""
        started = self.machines.describe_execution(executionArn=self.arn)["startDate"]
        matches = self.laptop.client("logs").filter_log_events(
            logGroupName=f"/aws/lambda/livro-caixa-{STAGE}-consolidate_range",
            filterPattern="merchant_failed",
            startTime=int(started.timestamp() * 1000),
        )
        result = [json.loads(event["message"]) for event in matches["events"]]
        return [{name: one[name] for name in ("day", "reason", "errors")} for one in result]

    def _has_been_in(self, state: str) -> bool:
        return any(_entered(event) == state for event in self._events())

    def is_over(self) -> bool:
        """Say whether it has ended."""
        result = self.machines.describe_execution(executionArn=self.arn)
        return str(result["status"]) != "RUNNING"

    def _events(self) -> Iterator[Any]:
        pages = self.machines.get_paginator("get_execution_history")
        for page in pages.paginate(executionArn=self.arn):
            yield from page["events"]


def is_a_stores_fault(failures: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether merchants failed by late answers alone, none by a refusal of our own."""
    return all(
        failure["reason"] is None and any("Timeout" in name for name in failure["errors"])
        for failure in failures
    )


def start_night(laptop: Laptop, day: date) -> Night:
    """Start closing a day of all merchants, and every changed day before it.

    Number 0 of a day is left to the schedule.
    """
    machines = laptop.client("stepfunctions")
    return Night(laptop, machines, start_consolidation(machines, day.isoformat(), first=1))


def scheduled_night(laptop: Laptop, day: date) -> Night | None:
    """Return the night of a day that the schedule started, None before it did."""
    machines = laptop.client("stepfunctions")
    arn = f"{STATE_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:{day}-0"
    try:
        machines.describe_execution(executionArn=arn)
    except machines.exceptions.ExecutionDoesNotExist:
        return None
    return Night(laptop, machines, arn)


def night_statuses(laptop: Laptop) -> dict[str, int]:
    """Return how many nights there were, by how they ended."""
    machines = laptop.client("stepfunctions")
    statuses: dict[str, int] = {}
    pages = machines.get_paginator("list_executions")
    for page in pages.paginate(stateMachineArn=STATE_MACHINE_ARN):
        for execution in page["executions"]:
            statuses[execution["status"]] = statuses.get(execution["status"], 0) + 1
    return statuses


def _entered(event: Any) -> str:
    return str(event.get("stateEnteredEventDetails", {}).get("name", ""))
