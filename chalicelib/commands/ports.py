"""What a command needs beside its request: who asks, the ledger, the memory, the clock, the salt.

Ports are callables and values, so a simulation drives the same commands over stores of its own.
"""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from chalicelib.commands.entry_repository import Collision, EntryRepository, StoredItem
from chalicelib.commands.idempotency_cache import IdempotencyCache, recall_nothing, remember_nothing
from chalicelib.ledger.encoding import urlsafe
from chalicelib.ledger.entries import SALT_BYTES
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.record import RecordingContext
from chalicelib.runtime import clients, settings
from chalicelib.storage.dynamodb_items import IdempotencyRecord, StoredEntry

_MAKING = threading.Lock()
_TRACE_HEADER = re.compile(r"[A-Za-z0-9=;:.-]{1,150}", re.ASCII)


def ports() -> "CommandPorts":
    """Return this process's ports, made from its settings and clients at the first call."""
    with _MAKING:
        return _real_ports()


@dataclass(frozen=True, slots=True)
class CommandPorts:
    """The effects of the write side.

    `insert`, `insert_reversal` and `read` reach the ledger as in EntryRepository, `recall` and
    `remember` the replay memory as in IdempotencyCache; `clock` gives the aware moment, `salt` fresh
    random text at each call, `zone` is the business time zone.
    """

    insert: Callable[[StoredEntry], StoredItem | None]
    insert_reversal: Callable[[StoredEntry, IdempotencyRecord], Collision | None]
    read: Callable[[Sequence[str]], Mapping[str, StoredItem]]
    recall: Callable[[str, Sequence[str]], Mapping[str, StoredEntry]]
    remember: Callable[[Sequence[StoredEntry]], None]
    clock: Callable[[], datetime]
    salt: Callable[[], str]
    zone: ZoneInfo

    def receipt(self, principal: Principal, now: datetime) -> RecordingContext:
        """Return the receipt of one entry, with a salt of its own."""
        return RecordingContext(
            merchant_id=principal.merchant_id,
            recorded_by=principal.subject,
            now=now,
            zone=self.zone,
            salt=self.salt(),
            origin=_traceable(principal.origin),
        )


@lru_cache(maxsize=1)
def _real_ports() -> CommandPorts:
    deployed = settings.current()
    repository = EntryRepository(clients.aws("dynamodb"), deployed.entries_table)
    redis_client = clients.redis()
    memory = IdempotencyCache(redis_client) if redis_client is not None else None
    return CommandPorts(
        insert=repository.insert,
        insert_reversal=repository.insert_reversal,
        read=repository.read,
        recall=memory.recall if memory else recall_nothing,
        remember=memory.remember if memory else remember_nothing,
        clock=_utc_now,
        salt=_random_salt,
        zone=deployed.business_zone,
    )


def _traceable(origin: str | None) -> str | None:
    # Anybody may send this header; what is no trace header would make entries larger and dearer.
    return origin if origin is not None and _TRACE_HEADER.fullmatch(origin) else None


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _random_salt() -> str:
    import secrets

    return urlsafe(secrets.token_bytes(SALT_BYTES))
