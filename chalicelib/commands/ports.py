"""What a command needs besides its request: the ledger, the cache, the clock and randomness.

In a deployment `wiring.py` provides them: the ledger is `EntryRepository`, over DynamoDB. A
simulation or a test runs the same commands over its own stores by passing other ports.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.record import RecordingContext
from chalicelib.storage.dynamodb_items import (
    IdempotencyRecord,
    ImportMark,
    StoredEntry,
    StoredItem,
)

StartExecution = Callable[[str, str], None]
_TRACE_HEADER = re.compile(r"[A-Za-z0-9=;:.-]{1,150}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Collision:
    """The existing items that prevented the write of a reversal and its idempotency record."""

    reversal: StoredItem | None
    key: StoredItem | None


class Ledger(Protocol):
    """The table of entries. Every operation raises LedgerUnavailableError when it cannot finish."""

    def insert(self, stored: StoredEntry) -> StoredItem | None:
        """Write an entry unless its id exists; return the existing item, or None if it is new."""

    def insert_reversal(self, stored: StoredEntry, record: IdempotencyRecord) -> Collision | None:
        """Write a reversal and its idempotency record, or neither; return what prevented it."""

    def insert_key(self, record: IdempotencyRecord) -> StoredItem | None:
        """Write an idempotency record unless its id exists; return the existing item."""

    def replace_key(self, record: IdempotencyRecord, old: IdempotencyRecord) -> StoredItem | None:
        """Write an idempotency record over one whose run is not confirmed, if it is still the same.

        Return the item that was found instead.
        """

    def erase_texts(
        self, entry_id: str, record: IdempotencyRecord, erased_at: datetime
    ) -> StoredItem | None:
        """Remove an existing entry's texts and salt and write the idempotency record, or neither.

        Return the item that already existed under the record's id.
        """

    def put_correction(
        self, correction: CategoryCorrection, former: CategoryCorrection | None
    ) -> StoredItem | None:
        """Write a correction in place of the former one, if that is still the newest.

        Return the item that was found instead.
        """

    def read(self, entry_ids: Sequence[str]) -> Mapping[str, StoredItem]:
        """Return the items of up to 100 ids that exist, read consistently."""

    def import_marks(self, entry_ids: Sequence[str]) -> Mapping[str, ImportMark]:
        """Return which imports wrote the items of up to 100 ids that exist, read consistently."""

    def insert_unless(self, entries: Sequence[StoredEntry], unless: str) -> bool | None:
        """Write up to 99 entries unless one of their ids exists, all or none; return whether.

        None means that an item with the id `unless` exists, so that nothing may be written.
        """

    def insert_claim(
        self, row: IdempotencyRecord, claim: IdempotencyRecord, released: str | None, unless: str
    ) -> bool:
        """Write the record of a row and its claim of an entry, or neither; return whether.

        Neither may exist, nor an item with the id `unless`; only an earlier claim may, by the
        import `released`.
        """


class Cache(Protocol):
    """Recently recorded entries. It never raises, and it may forget anything at any time."""

    def get(self, merchant_id: str, entry_ids: Sequence[str]) -> Mapping[str, StoredEntry]:
        """Return the merchant's entries that are cached, by id."""

    def add(self, entries: Sequence[StoredEntry]) -> None:
        """Cache entries that the ledger holds; an entry that is cached already stays as it is."""

    def replace(self, stored: StoredEntry) -> None:
        """Cache an entry, replacing what is cached of it."""


@dataclass(frozen=True, slots=True)
class CommandPorts:
    """The effects of the write side.

    `execution_starter` returns the function that starts the state machine's execution of a name
    with a JSON input and raises ConsolidationUnavailableError; a missing setting fails before that
    function is returned. `clock` returns an aware moment, `salt` fresh random text at each call;
    `zone` is the business time zone.
    """

    ledger: Ledger
    cache: Cache
    execution_starter: Callable[[], StartExecution]
    clock: Callable[[], datetime]
    salt: Callable[[], str]
    zone: ZoneInfo

    def recording_context(self, principal: Principal, now: datetime) -> RecordingContext:
        """Return the context in which one entry is recorded, with a salt for this entry alone."""
        origin = principal.origin
        # Any client may send this header; anything but a trace header would enlarge the entry.
        if origin is not None and not _TRACE_HEADER.fullmatch(origin):
            origin = None
        return RecordingContext(
            merchant_id=principal.merchant_id,
            recorded_by=principal.subject,
            now=now,
            zone=self.zone,
            salt=self.salt(),
            origin=origin,
        )
