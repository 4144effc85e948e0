"""The schedule: every hour it makes sure that yesterday's consolidation run was started.

The execution is named `<day>-0`, and a name can be used once. So an hour that was missed is made up
for by the next one, midnight may be at any hour of UTC, and a second trigger starts nothing. After
a failed run, the next trigger starts `<day>-1`, and so on. Other runs have other names
(rejection.py), so no manual run can take the schedule's place.

Each trigger writes the metrics of the alarms about the night: those of the state machine count the
runs that merchants start, too.
"""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib import observability
from chalicelib.ledger.days import business_day
from chalicelib.runtime import clients, settings

STARTED_BY = "schedule"
ATTEMPTS = 6
"""Number of runs of a day that the schedule starts at most: a fault that outlasts some hours needs
a person, and each attempt compares every merchant's day again."""
_REPEATED = {"FAILED", "TIMED_OUT"}
"""An aborted run was stopped by a person, who decides whether it is started again."""
_FAILED = {*_REPEATED, "ABORTED"}
_SUCCEEDED = "SUCCEEDED"
_LATELY = timedelta(hours=2)
"""Longer than from one trigger to the next, and shorter than from a night to the next."""


def run() -> None:
    """Start yesterday's run in this deployment unless it is running or has succeeded."""
    deployed, now = settings.current(), datetime.now(UTC)
    yesterday = business_day(now, deployed.business_zone) - timedelta(days=1)
    start(clients.aws("stepfunctions"), deployed.state_machine_arn, yesterday, now)


def start(client: Any, state_machine_arn: str, day: date, now: datetime) -> None:
    """Start a day's first run, or the next one after a run that failed.

    The newest run that has ended is counted, whatever runs now. While none of the day has, it is
    the newest of the day before: it may have ended after that day's last trigger. Its success
    counts if it is new. An error of Step Functions is raised, so the trigger is retried.
    """
    ended: Any = None
    for number in range(ATTEMPTS):
        name = _name(day, number)
        is_new = _is_started(client, state_machine_arn, name, day)
        if is_new:
            break
        execution = _execution(client, state_machine_arn, name)
        ended = execution if _has_ended(execution) else ended
        if execution["status"] not in _REPEATED:
            break
    is_counted = ended is not None
    if ended is None:
        ended = _last_ended(client, state_machine_arn, day - timedelta(days=1))
        is_counted = ended is not None and now - ended["stopDate"] < _LATELY
    status = ended["status"] if ended else None
    observability.count("NightFailed", int(status in _FAILED))
    observability.count("NightSucceeded", int(is_counted and status == _SUCCEEDED))
    observability.log("night_triggered", day=day, execution=name, is_new=is_new)


def _name(day: date, number: int) -> str:
    return f"{day.isoformat()}-{number}"


def _is_started(client: Any, state_machine_arn: str, name: str, day: date) -> bool:
    request = {"day": day.isoformat(), "merchant_id": None, "started_by": STARTED_BY}
    try:
        client.start_execution(
            stateMachineArn=state_machine_arn, name=name, input=json.dumps(request)
        )
    except client.exceptions.ExecutionAlreadyExists:
        return False
    return True


def _last_ended(client: Any, state_machine_arn: str, day: date) -> Any:
    """Return the newest run of a day that has ended, None without any."""
    ended = None
    for number in range(ATTEMPTS):
        try:
            execution = _execution(client, state_machine_arn, _name(day, number))
        except client.exceptions.ExecutionDoesNotExist:
            break
        ended = execution if _has_ended(execution) else ended
    return ended


def _has_ended(execution: Any) -> bool:
    return execution["status"] in {*_FAILED, _SUCCEEDED}


def _execution(client: Any, state_machine_arn: str, name: str) -> Any:
    prefix = state_machine_arn.replace(":stateMachine:", ":execution:")
    return client.describe_execution(executionArn=f"{prefix}:{name}")
