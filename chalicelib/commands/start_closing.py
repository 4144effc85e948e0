"""Start the consolidation of one merchant's past day now, by the same state machine as each night.

The key names the execution, and is recorded once Step Functions has confirmed the start: a failed
start uses no key, and a recorded one is replayed without Step Functions, which forgets an execution
90 days after its end.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib.commands.idempotency import is_replay, key_id_of, new_record
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.days import business_day
from chalicelib.ledger.errors import FieldError, ValidationError
from chalicelib.ledger.idempotency import OriginalRequest
from chalicelib.ledger.instants import to_milliseconds
from chalicelib.ledger.principal import Principal


@dataclass(frozen=True, slots=True)
class ClosingRequest:
    """A request to close a day: the day, the idempotency key, and the body as sent."""

    day: date
    key: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StartedConsolidation:
    """The id of the consolidation run; `replayed` when an earlier request started it."""

    consolidation_id: str
    replayed: bool


def start_closing(
    ports: CommandPorts, principal: Principal, command: ClosingRequest
) -> StartedConsolidation:
    """Start the consolidation of a past day; the same request again returns the same run.

    Raises ValidationError for today and later days, IdempotencyKeyReusedError when the key was used
    for a different request, LedgerUnavailableError, ConsolidationUnavailableError when the state
    machine does not respond.
    """
    # A past day stays past, so this rule cannot reject a replay.
    today = business_day(ports.clock(), ports.zone)
    if command.day >= today:
        message = f"must be before today, {today.isoformat()}"
        raise ValidationError(f"day {message}.", [FieldError("day", message)])
    merchant_id, day = principal.merchant_id, command.day.isoformat()
    request, key_id = OriginalRequest("closing", command.body), key_id_of(merchant_id, command.key)
    run_id = f"{day}-{key_id}"
    if is_replay(ports.ledger.read([key_id]).get(key_id), request):
        return StartedConsolidation(run_id, replayed=True)

    started_at = to_milliseconds(ports.clock())
    # The run's input names its merchant, so that only this merchant can read the run later.
    started_by = {"day": day, "merchant_id": merchant_id, "started_by": principal.subject}
    ports.execution_starter()(run_id, json.dumps(started_by))
    record = replace(
        new_record(merchant_id, command.key, "closing", request, run_id, nonce=ports.salt()),
        started_at=started_at,
    )
    existing = ports.ledger.insert_key(record)
    # A put that the client repeated, because its first response was lost, meets its own item.
    return StartedConsolidation(run_id, existing != record and is_replay(existing, request))
