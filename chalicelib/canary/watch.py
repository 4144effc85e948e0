"""What the schedule runs: one journey, whose outcome is counted by metrics with alarms.

It also checks that yesterday of the canary's merchant was closed by half past two, as it must be
for every merchant.
"""

from datetime import UTC, datetime, time
from typing import Any

from chalicelib import observability
from chalicelib.canary.client import Endpoints, MachineClient
from chalicelib.canary.journey import JourneyFailedError, Send, run_journey
from chalicelib.runtime import clients, settings
from chalicelib.runtime.wiring import once

EVERY_MINUTES = 5
CLOSED_BY = time(2, 30)


def run() -> None:
    """Make the journey of the current five minutes in this deployment."""
    zone = settings.current().business_zone
    watch(_client().send, datetime.now(UTC).astimezone(zone))


def watch(send: Send, now: datetime) -> None:
    """Make one journey at a local moment, and count its outcome.

    A failed journey is counted and not raised: the canary itself has worked.
    """
    try:
        result = run_journey(send, journey_name(now))
    except JourneyFailedError as error:
        observability.count("CanaryFailed", step=error.step, reason=str(error))
        return
    except Exception:
        observability.count("CanaryFailed")
        raise
    overdue = result.yesterday_closed is False and now.timetz().replace(tzinfo=None) >= CLOSED_BY
    observability.count("CanaryFailed", 0, undone=result.undone)
    observability.count("NightOverdue", int(overdue))


def journey_name(now: datetime) -> str:
    """Return the journey's name, which is the same within five minutes."""
    utc = now.astimezone(UTC)
    start = utc.replace(minute=utc.minute - utc.minute % EVERY_MINUTES)
    return start.strftime("canary-%Y%m%dT%H%MZ")


@once
def _client() -> MachineClient:
    client_id = settings.current().canary_client_id
    return MachineClient(_endpoints(client_id), client_id, _secret)


def _endpoints(client_id: str) -> Endpoints:
    # Stored with the client's merchant, since the API is created after this function.
    key = {"client_id": {"S": client_id}}
    table = settings.current().clients_table
    item: dict[str, Any] = clients.aws("dynamodb").get_item(TableName=table, Key=key)["Item"]
    return Endpoints(item["base_url"]["S"], item["token_url"]["S"])


def _secret() -> str:
    # Not from Cognito, where the right to read one client's secret is the right to read all.
    name = settings.current().canary_secret
    response = clients.aws("ssm").get_parameter(Name=name, WithDecryption=True)
    return str(response["Parameter"]["Value"])
