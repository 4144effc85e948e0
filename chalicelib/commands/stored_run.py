"""A consolidation run that a merchant started, from the record of its request.

Step Functions describes a run until 90 days after its end; its record is kept for ever.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.entries import is_entry_id
from chalicelib.storage.dynamodb_items import IdempotencyRecord, run_key_id

# The state machine ends a run after 6 hours, and a new run may not be visible in it yet.
LONGEST_RUN = timedelta(hours=7)
COUNTS = ("merchants", "closed", "repaired", "failed")
Status = Literal["running", "succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run; one that has ended without a summary did not reach its last step, and failed."""

    consolidation_id: str
    status: Status
    started_at: datetime
    stopped_at: datetime | None
    counts: Mapping[str, int | None]


def stored_run(ports: CommandPorts, merchant_id: str, consolidation_id: str) -> StoredRun | None:
    """Return a run that Step Functions does not know, None if the merchant did not start it.

    Raises LedgerUnavailableError.
    """
    key_id = run_key_id(consolidation_id)
    record = ports.ledger.read([key_id]).get(key_id) if is_entry_id(key_id) else None
    if not isinstance(record, IdempotencyRecord):
        return None
    if (record.merchant_id, record.outcome) != (merchant_id, consolidation_id):
        return None
    summary = json.loads(record.summary or "{}")
    stopped_at = _moment(summary.get("stopped_at"))
    # Without a confirmed start, the run is known by its summary, which older ones do not date.
    started_at = record.started_at or _moment(summary.get("started_at")) or stopped_at
    if started_at is None:
        return None
    return StoredRun(
        consolidation_id=consolidation_id,
        status=_status(summary, ports.clock() - started_at),
        started_at=started_at,
        stopped_at=stopped_at,
        counts={name: summary.get(name) for name in COUNTS},
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _status(summary: Mapping[str, Any], age: timedelta) -> Status:
    if not summary:
        return "running" if age < LONGEST_RUN else "failed"
    return "succeeded" if summary["succeeded"] else "failed"
