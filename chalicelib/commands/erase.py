"""Erase the texts of an entry (LGPD, article 18): description, metadata and their salt.

Amounts, days and closings stay as they are: a seal covers the texts only by a salted digest, which
cannot be guessed without the salt.
"""

from chalicelib.commands.get_entry import check_entry_id, owned_entry
from chalicelib.commands.idempotency import check_replay, new_record
from chalicelib.commands.ports import CommandPorts
from chalicelib.ledger.idempotency import OriginalRequest
from chalicelib.ledger.principal import Principal
from chalicelib.storage.dynamodb_items import erased_entry


def erase(ports: CommandPorts, principal: Principal, target_id: str, key: str) -> bool:
    """Erase an entry's texts for good; return whether this is a replay of an earlier request.

    Raises IdempotencyKeyReusedError when the key was used for a different request, NotFoundError
    when the merchant has no such entry, LedgerUnavailableError. An entry without texts, or one
    erased under another key, is erased again.
    """
    check_entry_id(target_id)
    request = OriginalRequest(f"erasure/{target_id}", {})  # the request has no body
    record = new_record(
        principal.merchant_id, key, "erasure", request, outcome=target_id, nonce=ports.salt()
    )
    items = ports.ledger.read([target_id, record.key_id])
    replayed = check_replay(items.get(record.key_id), request)
    target = owned_entry(items.get(target_id), principal.merchant_id)
    if not replayed:
        existing = ports.ledger.erase_texts(target_id, record, ports.clock())
        # A transaction that the client repeated, because a response was lost, meets its own item.
        replayed = existing != record and check_replay(existing, request)
    # A replay may follow a first try that ended after the ledger was changed and before the cache.
    ports.cache.replace(erased_entry(target))
    return replayed
