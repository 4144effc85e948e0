"""The schedule: every hour it starts yesterday's consolidation run, which starts only once.

The execution is named `<day>-0`, and a name can be used once. So an hour that was missed is made up
for by the next one, midnight may be at any hour of UTC, and a second trigger starts nothing.
"""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib import observability
from chalicelib.ledger.days import business_day
from chalicelib.runtime import clients, settings


def run() -> None:
    """Start yesterday's run in this deployment unless it was started before."""
    deployed = settings.current()
    yesterday = business_day(datetime.now(UTC), deployed.business_zone) - timedelta(days=1)
    start(clients.aws("stepfunctions"), deployed.state_machine_arn, yesterday)


def start(client: Any, state_machine_arn: str, day: date) -> None:
    """Start a day's first run; an error of Step Functions is raised, so the trigger is retried."""
    name = f"{day.isoformat()}-0"
    request = {"day": day.isoformat(), "merchant_id": None, "started_by": "schedule"}
    try:
        client.start_execution(
            stateMachineArn=state_machine_arn, name=name, input=json.dumps(request)
        )
        is_new = True
    except client.exceptions.ExecutionAlreadyExists:
        is_new = False
    observability.log("night_triggered", day=day, is_new=is_new)
