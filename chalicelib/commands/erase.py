"""Erase what people wrote on an entry (LGPD, article 18): description, metadata and their salt.

Amounts, days and closings stay as they are: a seal covers the texts by a salted digest alone, which
cannot be guessed once the salt is gone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.commands.entry_repository import EntryRepository, StoredItem
from chalicelib.commands.idempotency_cache import IdempotencyCache
from chalicelib.ledger.entries import entry_id, is_entry_id
from chalicelib.ledger.errors import NotFoundError
from chalicelib.ledger.idempotency import (
    Fingerprint,
    OriginalRequest,
    fingerprint,
    is_same_request,
    key_reused,
)
from chalicelib.ledger.principal import Principal
from chalicelib.runtime import clients, settings
from chalicelib.storage.dynamodb_items import IdempotencyRecord, StoredEntry, erased_entry

OPERATION = "erasure"


@lru_cache(maxsize=1)
def ports() -> "ErasurePorts":
    """Return this process's ports, made from its settings and clients at the first call."""
    repository = EntryRepository(clients.aws("dynamodb"), settings.current().entries_table)
    redis_client = clients.redis()
    replace = (
        IdempotencyCache(redis_client).replace if redis_client is not None else remember_nothing
    )
    return ErasurePorts(repository.read, repository.erase_texts, replace)


def remember_nothing(_stored: StoredEntry) -> None:
    """Do nothing, for a deployment without Redis."""


@dataclass(frozen=True, slots=True)
class ErasurePorts:
    """The effects of an erasure: `read` and `erase_texts` as in EntryRepository.

    `replace` puts what is left of the entry over what the replay memory holds.
    """

    read: Callable[[Sequence[str]], Mapping[str, StoredItem]]
    erase_texts: Callable[[str, IdempotencyRecord], StoredItem | None]
    replace: Callable[[StoredEntry], None]


def erase(ports: ErasurePorts, principal: Principal, target_id: str, key: str) -> bool:
    """Erase an entry's texts for good; return whether this very request did it before.

    Raises IdempotencyKeyReusedError when the key stands for another request, NotFoundError when the
    merchant has no such entry, LedgerUnavailableError. An entry without texts, or erased by another
    key, is erased again.
    """
    if not is_entry_id(target_id):
        raise _not_found()
    used_key = _key_record(principal.merchant_id, target_id, key)
    there = ports.read([target_id, used_key.key_id])
    replayed = _is_replay(there.get(used_key.key_id), target_id)
    target = there.get(target_id)
    if not isinstance(target, StoredEntry) or target.entry.merchant_id != principal.merchant_id:
        raise _not_found()
    if not replayed:
        replayed = _is_replay(ports.erase_texts(target_id, used_key), target_id)
    # A replay may follow a first try that ended between ledger and memory.
    ports.replace(erased_entry(target))
    return replayed


def _is_replay(key: StoredItem | None, target_id: str) -> bool:
    if key is None:
        return False
    if isinstance(key, IdempotencyRecord) and is_same_request(
        key.fingerprint, None, _sent(target_id)
    ):
        return True
    raise key_reused()


def _key_record(merchant_id: str, target_id: str, key: str) -> IdempotencyRecord:
    return IdempotencyRecord(
        key_id=entry_id(merchant_id, key),
        merchant_id=merchant_id,
        operation=OPERATION,
        fingerprint=Fingerprint(fingerprint(_sent(target_id), "").plain, None),
        salt=None,
        outcome=target_id,
    )


def _sent(target_id: str) -> OriginalRequest:
    # The request has no body: its target is all that it says.
    return OriginalRequest(f"{OPERATION}/{target_id}", {})


def _not_found() -> NotFoundError:
    return NotFoundError("There is no entry with this id.")
