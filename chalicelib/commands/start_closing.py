"""Start the consolidation of one merchant's day now: the night's own state machine, begun by hand.

The key is recorded first and names the execution, so whatever ends in between, the same request
again begins the one that is missing and never a second one.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from chalicelib import observability
from chalicelib.commands.entry_repository import EntryRepository, StoredItem
from chalicelib.ledger.days import business_day
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.errors import ConsolidationUnavailableError, FieldError, ValidationError
from chalicelib.ledger.idempotency import (
    Fingerprint,
    OriginalRequest,
    fingerprint,
    is_same_request,
    key_reused,
)
from chalicelib.ledger.principal import Principal
from chalicelib.runtime import clients, settings
from chalicelib.storage.dynamodb_items import IdempotencyRecord

OPERATION = "closing"


@lru_cache(maxsize=1)
def ports() -> "StartPorts":
    """Return this process's ports, made from its settings and clients at the first call."""
    deployed = settings.current()
    repository = EntryRepository(clients.aws("dynamodb"), deployed.entries_table)
    executions = Executions(clients.aws("stepfunctions"), deployed.state_machine_arn)
    return StartPorts(
        insert_key=repository.insert_key,
        start=executions.start,
        today=lambda: business_day(datetime.now(UTC), deployed.business_zone),
    )


@dataclass(frozen=True, slots=True)
class StartPorts:
    """The effects: `insert_key` as in EntryRepository, `start` as in Executions, the day it is."""

    insert_key: Callable[[IdempotencyRecord], StoredItem | None]
    start: Callable[[str, str], None]
    today: Callable[[], date]


@dataclass(frozen=True, slots=True)
class ClosingRequest:
    """A day to be closed, the request's key, and the body as sent."""

    day: date
    key: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Started:
    """The consolidation's id; `replayed` when an earlier request asked for it."""

    consolidation_id: str
    replayed: bool


def start_closing(ports: StartPorts, caller: Principal, asked: ClosingRequest) -> Started:
    """Start the consolidation of a past day; the same request again names the same one.

    Raises ValidationError for today and days to come, IdempotencyKeyReusedError when the key stands for another request,
    LedgerUnavailableError, ConsolidationUnavailableError when the state machine does not answer.
    """
    used_key = _key_record(caller.merchant_id, asked)
    # A day once past stays past, so the clock refuses no replay.
    _check_past(asked.day, ports.today())
    there = ports.insert_key(used_key)
    if there is not None and not _is_same(there, asked):
        raise key_reused()
    ports.start(used_key.outcome, _input(caller, asked))
    return Started(used_key.outcome, replayed=there is not None)


class Executions:
    """The state machine's executions in Step Functions."""

    def __init__(self, client: Any, state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, name: str, asked: str) -> None:
        """Start the execution of this name; one that was started before is enough.

        Raises ConsolidationUnavailableError when Step Functions is out of reach.
        """
        try:
            self._client.start_execution(
                stateMachineArn=self._state_machine_arn, name=name, input=asked
            )
        except self._client.exceptions.ExecutionAlreadyExists:
            return
        except clients.aws_failures() as failure:
            observability.log("consolidation_not_started", **observability.describe_error(failure))
            raise ConsolidationUnavailableError(
                "The consolidation could not be started; send the same request again."
            ) from failure


def _input(caller: Principal, asked: ClosingRequest) -> str:
    """Return the execution's input, which says whose it is to who asks for it later."""
    day, merchant_id = asked.day.isoformat(), caller.merchant_id
    return json.dumps({"day": day, "merchant_id": merchant_id, "started_by": caller.subject})


def _check_past(day: date, today: date) -> None:
    if day >= today:
        message = f"must be before today, {today.isoformat()}"
        raise ValidationError(f"day {message}.", [FieldError("day", message)])


def _key_record(merchant_id: str, asked: ClosingRequest) -> IdempotencyRecord:
    key_id = entry_id(merchant_id, asked.key)
    return IdempotencyRecord(
        key_id=key_id,
        merchant_id=merchant_id,
        operation=OPERATION,
        fingerprint=Fingerprint(fingerprint(_sent(asked), "").plain, None),
        salt=None,
        outcome=f"{asked.day.isoformat()}-{key_id}",
    )


def _is_same(there: StoredItem, asked: ClosingRequest) -> bool:
    return isinstance(there, IdempotencyRecord) and is_same_request(
        there.fingerprint, None, _sent(asked)
    )


def _sent(asked: ClosingRequest) -> OriginalRequest:
    return OriginalRequest(OPERATION, asked.body)
