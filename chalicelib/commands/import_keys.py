"""The idempotency keys of imports: the import that a key's request created.

The same request has the same bytes and the same query, both as they were sent.
"""

from chalicelib.commands.idempotency import check_replay, key_id_of, new_record
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.errors import LedgerUnavailableError
from chalicelib.ledger.idempotency import OriginalRequest
from chalicelib.storage.dynamodb_items import IdempotencyRecord


def earlier_import(
    ports: CommandPorts, merchant_id: str, key: str, request: OriginalRequest
) -> str | None:
    """Return the id of the import that a request created earlier under its key.

    Raises IdempotencyKeyReusedError when the key was used for a different request, and
    LedgerUnavailableError.
    """
    key_id = key_id_of(merchant_id, key)
    existing = ports.ledger.read([key_id]).get(key_id)
    if check_replay(existing, request) and isinstance(existing, IdempotencyRecord):
        return existing.outcome
    return None


def reserve_import(
    ports: CommandPorts, merchant_id: str, key: str, request: OriginalRequest, import_id: str
) -> str:
    """Take a key for an import; return the id of the import for which it was taken first.

    Raises as `earlier_import` does.
    """
    record = new_record(merchant_id, key, "import", request, import_id, nonce=ports.salt())
    existing = ports.ledger.insert_key(record)
    if existing is None or existing == record:
        return import_id
    if check_replay(existing, request) and isinstance(existing, IdempotencyRecord):
        return existing.outcome
    raise LedgerUnavailableError("The ledger is busy with this key; send the same request again.")
