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


def run() -> None:
    """Start yesterday's run in this deployment unless it is running or has succeeded."""
    deployed = settings.current()
    yesterday = business_day(datetime.now(UTC), deployed.business_zone) - timedelta(days=1)
    start(clients.aws("stepfunctions"), deployed.state_machine_arn, yesterday)


def start(client: Any, state_machine_arn: str, day: date) -> None:
    """Start a day's first run, or the next one after a run that failed.

    An error of Step Functions is raised, so the trigger is retried.
    """
    status = None
    for number in range(ATTEMPTS):
        name = f"{day.isoformat()}-{number}"
        is_new = _is_started(client, state_machine_arn, name, day)
        if is_new:  # `status` is that of the run before
            break
        status = _status(client, state_machine_arn, name)
        if status not in _REPEATED:
            break
    observability.count("NightFailed", int(status in _FAILED))
    observability.count("NightSucceeded", int(status == "SUCCEEDED"))
    observability.log("night_triggered", day=day, execution=name, is_new=is_new)


def _is_started(client: Any, state_machine_arn: str, name: str, day: date) -> bool:
    request = {"day": day.isoformat(), "merchant_id": None, "started_by": STARTED_BY}
    try:
        client.start_execution(
            stateMachineArn=state_machine_arn, name=name, input=json.dumps(request)
        )
    except client.exceptions.ExecutionAlreadyExists:
        return False
    return True


def _status(client: Any, state_machine_arn: str, name: str) -> str:
    prefix = state_machine_arn.replace(":stateMachine:", ":execution:")
    return str(client.describe_execution(executionArn=f"{prefix}:{name}")["status"])
