"""Reverse an entry (estorno): one read, then one transaction of the reversal and its key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.commands.get_entry import check_entry_id, correction_in, owned_entry
from chalicelib.commands.idempotency import check_replay, is_written_by, key_id_of, new_record
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordResult
from chalicelib.ledger.category_corrections import current_category
from chalicelib.ledger.entries import Entry, correction_id_of, reversal_draft, reversal_id_of
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    LedgerUnavailableError,
    ReversalOfReversalError,
)
from chalicelib.ledger.idempotency import OriginalRequest, fingerprint, key_reused
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.record import make_entry
from chalicelib.storage.dynamodb_items import IdempotencyRecord, StoredEntry, StoredItem


@dataclass(frozen=True, slots=True)
class ReversalRequest:
    """A request to reverse an entry: its id, key, body as sent, and the reason parsed from it."""

    target_id: str
    key: str
    body: Mapping[str, Any]
    reason: str

    @property
    def original(self) -> OriginalRequest:
        """The request whose fingerprint is stored; its operation includes the target."""
        return OriginalRequest(f"reversal/{self.target_id}", self.body)


def reverse(ports: CommandPorts, principal: Principal, command: ReversalRequest) -> RecordResult:
    """Record the only reversal of an entry; the same request again returns the same reversal.

    Raises IdempotencyKeyReusedError when the key was used for a different request, NotFoundError
    when the merchant has no such entry, ReversalOfReversalError, AlreadyReversedError when another
    key reversed it, LedgerUnavailableError.
    """
    target_id, request = command.target_id, command.original
    check_entry_id(target_id)
    key_id, reversal_id = key_id_of(principal.merchant_id, command.key), reversal_id_of(target_id)
    items = ports.ledger.read([target_id, reversal_id, key_id, correction_id_of(target_id)])
    earlier = _earlier_reversal(items.get(key_id), items.get(reversal_id), request)
    if earlier is not None:
        return RecordResult(earlier, replayed=True)

    target = _target(items, target_id, principal.merchant_id)
    if reversal_id in items and key_id not in items:
        # A batch read is not a snapshot: the key may have been written between its two items.
        key = ports.ledger.read([key_id]).get(key_id)
        earlier = _earlier_reversal(key, items[reversal_id], request)
        if earlier is None:
            raise _already_reversed()
        return RecordResult(earlier, replayed=True)

    new, record = _reversal_and_record(ports, principal, command, target)
    collision = ports.ledger.insert_reversal(new, record)
    # A transaction that the client repeated, because a response was lost, meets its own item.
    if collision is None or collision.reversal == new:
        return RecordResult(new, replayed=False)
    earlier = _earlier_reversal(collision.key, collision.reversal, request)
    if earlier is not None:
        return RecordResult(earlier, replayed=True)
    if collision.key is None:
        raise _already_reversed()
    raise LedgerUnavailableError("The ledger is busy with this entry; send the same request again.")


def _target(items: Mapping[str, StoredItem], target_id: str, merchant_id: str) -> Entry:
    """Return the entry to reverse, with its current category, which the reversal takes.

    So both are in the totals of one category.
    """
    target = owned_entry(items.get(target_id), merchant_id).entry
    if target.reverses is not None:
        raise ReversalOfReversalError(
            "This entry is itself a reversal; record a new entry instead."
        )
    return target._replace(category=current_category(target, correction_in(items, target_id)))


def _earlier_reversal(
    key: StoredItem | None, reversal: StoredItem | None, request: OriginalRequest
) -> StoredEntry | None:
    """Return the reversal that the same request recorded earlier, or None.

    Also None for the moment in which the key can be read, and the reversal that was written with it
    cannot yet.
    """
    # The record of the key knows the request without its texts; the reversal has their digest.
    if not check_replay(key, request) or not isinstance(reversal, StoredEntry):
        return None
    if not is_written_by(reversal, request):
        raise key_reused()
    return reversal


def _reversal_and_record(
    ports: CommandPorts, principal: Principal, command: ReversalRequest, target: Entry
) -> tuple[StoredEntry, IdempotencyRecord]:
    context = ports.recording_context(principal, ports.clock())
    entry_id, request = reversal_id_of(target.entry_id), command.original
    draft = reversal_draft(target, command.reason)
    entry = make_entry(draft, context, entry_id, reverses=target.entry_id)
    record = new_record(principal.merchant_id, command.key, "reversal", request, outcome=entry_id)
    return StoredEntry(entry, fingerprint(request, context.salt)), record


def _already_reversed() -> AlreadyReversedError:
    return AlreadyReversedError(
        "This entry is already reversed; an entry can be reversed only once."
    )
