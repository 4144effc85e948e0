"""Reverse an entry (estorno): one read, then one transaction of the reversal and its key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.commands.entry_repository import StoredItem
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordResult
from chalicelib.ledger.entries import Entry, entry_id, is_entry_id, reversal_draft, reversal_id_of
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    LedgerUnavailableError,
    NotFoundError,
    ReversalOfReversalError,
)
from chalicelib.ledger.idempotency import (
    Fingerprint,
    OriginalRequest,
    fingerprint,
    is_same_request,
    key_reused,
)
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.record import make_entry
from chalicelib.storage.dynamodb_items import IdempotencyRecord, StoredEntry

OPERATION = "reversal"


@dataclass(frozen=True, slots=True)
class ReversalRequest:
    """A reversal asked for: of which entry, under which key, the body as sent, the reason read."""

    target_id: str
    key: str
    body: Mapping[str, Any]
    reason: str

    @property
    def sent(self) -> OriginalRequest:
        """The request as its fingerprint takes it: the target is part of it."""
        return OriginalRequest(f"{OPERATION}/{self.target_id}", self.body)


def reverse(ports: CommandPorts, caller: Principal, asked: ReversalRequest) -> RecordResult:
    """Record the one reversal of an entry; the same request again gives the same reversal.

    Raises IdempotencyKeyReusedError when the key stands for another request, NotFoundError when the merchant has no
    such entry, ReversalOfReversalError, AlreadyReversedError when another key reversed it, LedgerUnavailableError.
    """
    if not is_entry_id(asked.target_id):
        raise _not_found()
    key_id, reversal_id = entry_id(caller.merchant_id, asked.key), reversal_id_of(asked.target_id)
    there = ports.read([asked.target_id, reversal_id, key_id])
    earlier = _earlier(there.get(key_id), there.get(reversal_id), asked)
    if earlier is not None:
        return RecordResult(earlier, replayed=True)
    target = _reversible(there.get(asked.target_id), caller.merchant_id)
    if reversal_id in there and key_id not in there:
        # The read was of two moments: the key may have come with the reversal in between.
        earlier = _earlier(ports.read([key_id]).get(key_id), there[reversal_id], asked)
        if earlier is None:
            raise _already_reversed()
        return RecordResult(earlier, replayed=True)
    return _insert(ports, caller, asked, target)


def _earlier(
    key: StoredItem | None, reversal: StoredItem | None, asked: ReversalRequest
) -> StoredEntry | None:
    """Return the reversal that this very request made before; None where the key is not used.

    Also None while the key is there and its reversal, written with it, is not visible yet.
    """
    if key is None:
        return None
    # The key's record knows the request without its texts; their digest stands in the reversal.
    if not isinstance(key, IdempotencyRecord) or not is_same_request(
        key.fingerprint, None, asked.sent
    ):
        raise key_reused()
    if not isinstance(reversal, StoredEntry):
        return None
    if not is_same_request(reversal.fingerprint, reversal.entry.text_salt, asked.sent):
        raise key_reused()
    return reversal


def _reversible(target: StoredItem | None, merchant_id: str) -> Entry:
    if not isinstance(target, StoredEntry) or target.entry.merchant_id != merchant_id:
        raise _not_found()
    if target.entry.reverses is not None:
        raise ReversalOfReversalError(
            "This entry is itself a reversal; record a new entry instead."
        )
    return target.entry


def _insert(
    ports: CommandPorts, caller: Principal, asked: ReversalRequest, target: Entry
) -> RecordResult:
    ours, used_key = _reversal_and_key(ports, caller, asked, target)
    collision = ports.insert_reversal(ours, used_key)
    if collision is None or collision.reversal == ours:
        return RecordResult(ours, replayed=False)
    earlier = _earlier(collision.key, collision.reversal, asked)
    if earlier is not None:
        return RecordResult(earlier, replayed=True)
    if collision.key is None:
        raise _already_reversed()
    raise LedgerUnavailableError("The ledger is busy with this entry; send the same request again.")


def _reversal_and_key(
    ports: CommandPorts, caller: Principal, asked: ReversalRequest, target: Entry
) -> tuple[StoredEntry, IdempotencyRecord]:
    receipt = ports.receipt(caller, ports.clock())
    reversal_id = reversal_id_of(target.entry_id)
    entry = make_entry(
        reversal_draft(target, asked.reason), receipt, reversal_id, reverses=target.entry_id
    )
    request = fingerprint(asked.sent, receipt.salt)
    used_key = IdempotencyRecord(
        key_id=entry_id(caller.merchant_id, asked.key),
        merchant_id=caller.merchant_id,
        operation=OPERATION,
        # Neither salt nor digest of the reason: erasing the reversal's texts is then enough.
        fingerprint=Fingerprint(request.plain, None),
        salt=None,
        outcome=reversal_id,
    )
    return StoredEntry(entry, request), used_key


def _already_reversed() -> AlreadyReversedError:
    return AlreadyReversedError("This entry is reversed already; an entry can be reversed once.")


def _not_found() -> NotFoundError:
    return NotFoundError("There is no entry with this id.")
