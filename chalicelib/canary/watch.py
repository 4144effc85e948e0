"""What the schedule runs: one journey, told as metrics that alarms look at.

It also looks whether the night has closed yesterday's book of the canary, as it must have closed
everybody's by half past two.
"""

from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any

from chalicelib import observability
from chalicelib.canary.consumer import Consumer, Place
from chalicelib.canary.journey import Ask, Lost, travel
from chalicelib.runtime import clients, settings

EVERY_MINUTES = 5
CLOSED_BY = time(2, 30)


def run() -> None:
    """Make the journey of these five minutes in this deployment."""
    zone = settings.current().business_zone
    watch(_consumer().ask, datetime.now(UTC).astimezone(zone))


def watch(ask: Ask, now: datetime) -> None:
    """Make one journey at a local moment, and count what came of it.

    A journey that did not get through is no error of the function: it is what it is there to tell.
    """
    try:
        arrived = travel(ask, journey_name(now))
    except Lost as lost:
        observability.count("CanaryFailed", step=lost.step, reason=str(lost))
        return
    except Exception:
        observability.count("CanaryFailed")
        raise
    overdue = arrived.yesterday_closed is False and now.timetz().replace(tzinfo=None) >= CLOSED_BY
    observability.count("CanaryFailed", 0, undone=arrived.undone)
    observability.count("NightOverdue", int(overdue))


def journey_name(now: datetime) -> str:
    """Return the name of the journey of a moment: the same for all of its five minutes."""
    universal = now.astimezone(UTC)
    begun = universal.replace(minute=universal.minute - universal.minute % EVERY_MINUTES)
    return begun.strftime("canary-%Y%m%dT%H%MZ")


@lru_cache(maxsize=1)
def _consumer() -> Consumer:
    client_id = settings.current().canary_client_id
    return Consumer(_place(client_id), client_id, lambda: _secret(client_id))


def _place(client_id: str) -> Place:
    # The API's address is known once the API is, so it stands where the client's merchant does.
    key = {"client_id": {"S": client_id}}
    table = settings.current().clients_table
    item: dict[str, Any] = clients.aws("dynamodb").get_item(TableName=table, Key=key)["Item"]
    return Place(item["base_url"]["S"], item["token_url"]["S"])


def _secret(client_id: str) -> str:
    pool = settings.current().user_pool_id
    described = clients.aws("cognito-idp").describe_user_pool_client(
        UserPoolId=pool, ClientId=client_id
    )
    return str(described["UserPoolClient"]["ClientSecret"])
