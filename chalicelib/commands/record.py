"""Record one entry (lançamento): one conditional put tells new, replay and reused key apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.entries import Entry, EntryDraft, entry_id
from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.idempotency import OriginalRequest, fingerprint, is_same_request, key_reused
from chalicelib.ledger.instants import check_window, parse_instant
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.record import make_entry
from chalicelib.storage.dynamodb_items import StoredEntry

OPERATION = "entry"


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """One entry handed in: its idempotency key, the body as sent, and the draft read from it.

    `body` is the JSON value before defaults; of a batch item, without its `idempotency_key`.
    """

    key: str
    body: Mapping[str, Any]
    draft: EntryDraft


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What the ledger holds for a request; `replayed` when an earlier request put it there."""

    stored: StoredEntry
    replayed: bool

    @property
    def entry(self) -> Entry:
        """The entry itself."""
        return self.stored.entry


def record(ports: CommandPorts, caller: Principal, submission: RecordEntry) -> RecordResult:
    """Record an entry once; the same request again gives the same entry, for ever.

    Raises IdempotencyKeyReusedError when the key stands for another request, ValidationError when `occurred_at` is more
    than 5 minutes ahead or 5 years back, LedgerUnavailableError when the ledger does not answer.
    """
    key_id = entry_id(caller.merchant_id, submission.key)
    remembered = ports.recall(caller.merchant_id, [key_id]).get(key_id)
    recorded = record_once(ports, caller, submission, ports.clock(), remembered)
    if recorded.stored is not remembered:
        ports.remember([recorded.stored])
    return recorded


def record_once(
    ports: CommandPorts,
    caller: Principal,
    submission: RecordEntry,
    now: datetime,
    remembered: StoredEntry | None,
) -> RecordResult:
    """Record as `record` does, given what the memory holds for the key and the moment of receipt.

    The memory may only say yes to the same request; every refusal is the ledger's.
    """
    request = OriginalRequest(OPERATION, submission.body)
    if remembered is not None and _is_same(remembered, request):
        return RecordResult(remembered, replayed=True)
    try:
        _check_clock(submission.draft, now)
    except ValidationError as refusal:
        return _replay_or(refusal, ports, entry_id(caller.merchant_id, submission.key), request)
    ours = _new_entry(ports, caller, submission, now)
    there = ports.insert(ours)
    # A put that the client sent twice, because its first answer was lost, finds itself there.
    if there is None or there == ours:
        return RecordResult(ours, replayed=False)
    if isinstance(there, StoredEntry) and _is_same(there, request):
        return RecordResult(there, replayed=True)
    raise key_reused()


def _is_same(there: StoredEntry, request: OriginalRequest) -> bool:
    return is_same_request(there.fingerprint, there.entry.text_salt, request)


def _check_clock(draft: EntryDraft, now: datetime) -> None:
    if draft.occurred_at is not None:
        check_window(parse_instant(draft.occurred_at), now)


def _replay_or(
    refusal: ValidationError, ports: CommandPorts, key_id: str, request: OriginalRequest
) -> RecordResult:
    # Time alone makes a request that was good once too old; its replay is answered all the same.
    there = ports.read([key_id]).get(key_id)
    if isinstance(there, StoredEntry) and _is_same(there, request):
        return RecordResult(there, replayed=True)
    raise refusal


def _new_entry(
    ports: CommandPorts, caller: Principal, submission: RecordEntry, now: datetime
) -> StoredEntry:
    receipt = ports.receipt(caller, now)
    key_id = entry_id(caller.merchant_id, submission.key)
    entry = make_entry(submission.draft, receipt, key_id)
    request = OriginalRequest(OPERATION, submission.body)
    return StoredEntry(entry, fingerprint(request, receipt.salt))
