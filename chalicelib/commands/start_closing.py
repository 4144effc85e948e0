"""Start the consolidation of one merchant's past day now, by the same state machine as each night.

The key is reserved for one body before anything is started, and confirmed once Step Functions has
confirmed the start. A confirmed key is replayed without Step Functions, which forgets an execution
90 days after its end. The summary of a run that has ended confirms its start, too, whatever the
request was answered. The same request again takes over a reservation and starts the run, whose name
contains the key: a run that is started twice runs once.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeGuard

from chalicelib.commands.idempotency import check_replay, key_id_of, new_record
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.days import business_day
from chalicelib.ledger.errors import (
    ConsolidationUnavailableError,
    FieldError,
    LedgerUnavailableError,
    ValidationError,
)
from chalicelib.ledger.idempotency import OriginalRequest
from chalicelib.ledger.instants import to_milliseconds
from chalicelib.ledger.principal import Principal
from chalicelib.storage.dynamodb_items import IdempotencyRecord, StoredItem

_ATTEMPTS = 20
"""Each failed attempt means another request under the same key at this moment."""


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
    start = ports.execution_starter()  # a missing setting fails before the key is reserved
    new = new_record(merchant_id, command.key, "closing", request, run_id, nonce=ports.salt())
    reservation = _reserve(ports, request, new)
    if reservation is None:
        return StartedConsolidation(run_id, replayed=True)
    # The run's input names its merchant, so that only this merchant can read the run later.
    started_by = {"day": day, "merchant_id": merchant_id, "started_by": principal.subject}
    started_at = to_milliseconds(ports.clock())
    try:
        start(run_id, json.dumps(started_by))
    except ConsolidationUnavailableError:
        _release(ports, reservation)
        raise
    is_confirmed = _confirm(ports, request, replace(reservation.record, started_at=started_at))
    return StartedConsolidation(run_id, replayed=not is_confirmed)


@dataclass(frozen=True, slots=True)
class _Reservation:
    """A reserved key; `is_shared` where it was taken over from a request that may still go on."""

    record: IdempotencyRecord
    is_shared: bool


def _reserve(
    ports: CommandPorts, request: OriginalRequest, new: IdempotencyRecord
) -> _Reservation | None:
    """Reserve the key for this request; return None where an earlier one has started its run."""
    existing = ports.ledger.read([new.key_id]).get(new.key_id)
    for _ in range(_ATTEMPTS):
        if existing is None:
            is_shared = False
            existing = ports.ledger.insert_key(new)
        elif _is_open(existing) and (existing.is_free or check_replay(existing, request)):
            is_shared = not existing.is_free
            existing = ports.ledger.replace_key(new, existing)
        else:
            check_replay(existing, request)
            return None
        # A put that the client repeated, because its first response was lost, meets its own item.
        if existing is None or existing == new:
            return _Reservation(new, is_shared)
    raise _busy()


def _release(ports: CommandPorts, reservation: _Reservation) -> None:
    """Free the key of a start that failed, unless another request may have started the run."""
    if not reservation.is_shared:
        record = reservation.record
        with suppress(LedgerUnavailableError):  # it stays reserved for this body
            ports.ledger.replace_key(replace(record, is_free=True), record)


def _confirm(ports: CommandPorts, request: OriginalRequest, confirmed: IdempotencyRecord) -> bool:
    """Store that the run is started; return False where a concurrent request has done so."""
    old = replace(confirmed, started_at=None)
    for _ in range(_ATTEMPTS):
        existing = ports.ledger.replace_key(confirmed, old)
        if existing is None or existing == confirmed:
            return True
        check_replay(existing, request)
        if not _is_reserved(existing):
            return False
        old, confirmed = existing, replace(confirmed, summary=existing.summary)
    raise _busy()


def _is_reserved(existing: StoredItem) -> TypeGuard[IdempotencyRecord]:
    # Closings of earlier releases have no nonce, and were recorded after their start.
    return (
        isinstance(existing, IdempotencyRecord)
        and existing.operation == "closing"
        and existing.started_at is None
        and existing.nonce is not None
    )


def _is_open(existing: StoredItem) -> TypeGuard[IdempotencyRecord]:
    """Return whether it is not known that the run of a reserved key was started."""
    return _is_reserved(existing) and existing.summary is None


def _busy() -> LedgerUnavailableError:
    return LedgerUnavailableError("The ledger is busy with this key; send the same request again.")
