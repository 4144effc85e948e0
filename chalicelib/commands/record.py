"""Record one entry (lançamento): one conditional put distinguishes new, replay and reused key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.commands.idempotency import is_written_by, key_id_of
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.entries import Entry, EntryDraft
from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.idempotency import OriginalRequest, fingerprint, key_reused
from chalicelib.ledger.instants import parse_instant
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.record import check_recordable, make_entry
from chalicelib.storage.dynamodb_items import StoredEntry


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """A request to record an entry: idempotency key, body as sent, and the draft parsed from it.

    `body` is the JSON value before defaults; of a batch item, without its `idempotency_key`.
    """

    key: str
    body: Mapping[str, Any]
    draft: EntryDraft


@dataclass(frozen=True, slots=True)
class RecordResult:
    """The entry that the ledger holds for a request; `replayed` if recorded by an earlier one."""

    stored: StoredEntry
    replayed: bool

    @property
    def entry(self) -> Entry:
        """The entry without its request's fingerprint."""
        return self.stored.entry


def record(ports: CommandPorts, principal: Principal, command: RecordEntry) -> RecordResult:
    """Record an entry once; the same request again returns the same entry, at any later time.

    Raises IdempotencyKeyReusedError when the key was used for a different request, ValidationError
    when `occurred_at` is more than 5 minutes ahead or 5 years back, LedgerUnavailableError when the
    ledger does not respond.
    """
    key_id = key_id_of(principal.merchant_id, command.key)
    cached = ports.cache.get(principal.merchant_id, [key_id]).get(key_id)
    result = record_once(ports, principal, command, ports.clock(), cached)
    if result.stored is not cached:  # the ledger responded, not the cache
        ports.cache.add([result.stored])
    return result


def record_once(
    ports: CommandPorts,
    principal: Principal,
    command: RecordEntry,
    now: datetime,
    cached: StoredEntry | None,
) -> RecordResult:
    """Record as `record` does, given the moment of receipt and what is cached for the key.

    The cache can only confirm a replay; every error is decided by the ledger.
    """
    request = OriginalRequest("entry", command.body)
    if cached is not None and is_written_by(cached, request):
        return RecordResult(cached, replayed=True)

    key_id = key_id_of(principal.merchant_id, command.key)
    try:
        sent = command.draft.occurred_at
        occurred = now if sent is None else parse_instant(sent)
        check_recordable(occurred, command.draft.currency, now, ports.zone)
    except ValidationError:
        # The request may have been recorded when it was valid; then this is a replay.
        earlier = ports.ledger.read([key_id]).get(key_id)
        if isinstance(earlier, StoredEntry) and is_written_by(earlier, request):
            return RecordResult(earlier, replayed=True)
        raise

    context = ports.recording_context(principal, now)
    entry = make_entry(command.draft, context, key_id)
    new = StoredEntry(entry, fingerprint(request, context.salt))
    existing = ports.ledger.insert(new)
    # A put that the client repeated, because its first response was lost, meets its own item.
    if existing is None or existing == new:
        return RecordResult(new, replayed=False)
    if isinstance(existing, StoredEntry) and is_written_by(existing, request):
        return RecordResult(existing, replayed=True)
    raise key_reused()
