"""The trigger of the night: every hour it starts yesterday's consolidation, which starts once.

The execution's name is `<day>-0`, and a name can be used once; so an hour that was missed is made
good by the next one, midnight may be at any hour of UTC, and a second trigger starts nothing.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib import observability
from chalicelib.ledger.days import business_day
from chalicelib.runtime import clients, settings


def run() -> None:
    """Start yesterday's consolidation in this deployment unless it was started before."""
    deployed = settings.current()
    yesterday = business_day(datetime.now(UTC), deployed.business_zone) - timedelta(days=1)
    start_night(starter(clients.aws("stepfunctions"), deployed.state_machine_arn), yesterday)


def start_night(start: Callable[[str, str], bool], day: date) -> None:
    """Start a day's first consolidation; raises what `start` raises, so that it is tried again."""
    request = {"day": day.isoformat(), "merchant_id": None, "started_by": "schedule"}
    is_new = start(f"{day.isoformat()}-0", json.dumps(request))
    observability.log("night_triggered", day=day, is_new=is_new)


def starter(client: Any, state_machine_arn: str) -> Callable[[str, str], bool]:
    """Return what starts an execution by its name, and says whether it is new."""

    def start(name: str, asked: str) -> bool:
        try:
            client.start_execution(stateMachineArn=state_machine_arn, name=name, input=asked)
        except client.exceptions.ExecutionAlreadyExists:
            return False
        return True

    return start
