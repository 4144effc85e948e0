"""Idempotency keys: what a merchant's key was used for, and which request is its replay.

Entries and idempotency records share one table and one space of ids, so that a key is used once for
all operations. An entry is stored under the id of its key and holds its request's fingerprint
itself; other operations write an IdempotencyRecord, most of them together with their change.
"""

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import entry_id
from chalicelib.ledger.idempotency import (
    Fingerprint,
    OriginalRequest,
    fingerprint,
    is_same_request,
    key_reused,
)
from chalicelib.storage.dynamodb_items import IdempotencyRecord, StoredEntry, StoredItem


def key_id_of(merchant_id: str, key: str) -> str:
    """Return the id under which the use of a merchant's key is stored."""
    return entry_id(merchant_id, key)


def new_record(
    merchant_id: str,
    key: str,
    operation: str,
    request: OriginalRequest,
    outcome: str,
    nonce: str | None = None,
) -> IdempotencyRecord:
    """Return the record of a key used by a request; `outcome` names what the request made.

    It holds neither salt nor digest of the request's texts, so that erasing the texts of the entry
    that the request made is enough.
    """
    return IdempotencyRecord(
        key_id=key_id_of(merchant_id, key),
        merchant_id=merchant_id,
        operation=operation,
        fingerprint=Fingerprint(fingerprint(request, "").plain, None),
        salt=None,
        outcome=outcome,
        nonce=nonce,
    )


def import_record(
    merchant_id: str, record_id: str, request: OriginalRequest, outcome: str, import_id: str
) -> IdempotencyRecord:
    """Return a record that an import writes under an id that no client's key can have."""
    return IdempotencyRecord(
        key_id=record_id,
        merchant_id=merchant_id,
        operation=request.operation.partition("/")[0],
        fingerprint=Fingerprint(fingerprint(request, "").plain, None),
        salt=None,
        outcome=outcome,
        import_id=import_id,
    )


def is_written_by(existing: StoredItem, request: OriginalRequest) -> bool:
    """Return whether this request, sent earlier, wrote an existing item."""
    if isinstance(existing, CategoryCorrection):  # no key has its id
        return False
    salt = existing.entry.text_salt if isinstance(existing, StoredEntry) else existing.salt
    return is_same_request(existing.fingerprint, salt, request)


def check_replay(existing: StoredItem | None, request: OriginalRequest) -> bool:
    """Return whether a request was made earlier, given the item under the id of its key.

    Raises IdempotencyKeyReusedError when the key was used for a different request.
    """
    if existing is None:
        return False
    if is_written_by(existing, request):
        return True
    raise key_reused()
