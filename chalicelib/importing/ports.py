"""What imports need besides requests: their table and bucket, the ledger, the book, a clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from chalicelib.importing.bank_import import RowOutcome
from chalicelib.importing.file_rows import MovementKey
from chalicelib.importing.preview import Categorize
from chalicelib.importing.tie_out import BookDays
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.principal import Principal
from chalicelib.storage.stored_value import StoredValue


class ImportTable(Protocol):
    """JSON values of merchants by name, kept for ever. Each may raise LedgerUnavailableError."""

    def get(self, merchant_id: str, name: str) -> StoredValue | None:
        """Return a value, read consistently."""

    def insert(self, merchant_id: str, name: str, value: Any) -> bool:
        """Store a value as version 0, unless the name exists; return whether it did."""

    def replace(self, merchant_id: str, name: str, value: Any, version: int) -> bool:
        """Store a value in place of this version of it; return whether that was still stored."""

    def put(self, merchant_id: str, values: Mapping[str, Any]) -> None:
        """Store values in place of any others."""

    def delete(self, merchant_id: str, names: Sequence[str]) -> None:
        """Delete values; those that are absent stay so."""

    def between(
        self,
        merchant_id: str,
        first: str,
        last: str,
        limit: int | None = None,
        descending: bool = False,
    ) -> list[StoredValue]:
        """Return the values with names from `first` to `last`, in order of their names."""


class ImportBucket(Protocol):
    """Objects that expire. Each may raise ImportBucketUnavailableError."""

    def put(self, name: str, content: bytes) -> None:
        """Store an object."""

    def get(self, name: str) -> bytes | None:
        """Return an object; None if there is none."""

    def change(self, name: str, changed: Callable[[bytes], bytes | None]) -> bool:
        """Replace an object by `changed` of it, unless that is None; return whether it was.

        What another process writes at the same moment is read and changed again, not overwritten.
        """

    def names(self, prefix: str) -> list[str]:
        """Return the names of all objects with a prefix."""

    def delete(self, names: Sequence[str]) -> None:
        """Delete objects."""


class RecordedRow(Protocol):
    """The entry that a row already is, because it was recorded from it or has claimed it."""

    @property
    def entry_id(self) -> str:
        """The entry's id."""

    @property
    def import_id(self) -> str | None:
        """The import that recorded or claimed it."""

    @property
    def is_claim(self) -> bool:
        """Whether the row has claimed the entry."""


class LedgerEntry(Protocol):
    """An entry as the ledger holds it."""

    @property
    def entry(self) -> Entry:
        """The entry."""

    @property
    def import_id(self) -> str | None:
        """The import that it was recorded from, None if it was recorded by hand."""

    @property
    def identity(self) -> str | None:
        """The identity of the row that it was recorded from."""

    @property
    def claimed_from(self) -> str | None:
        """The import of the row that has claimed it."""

    @property
    def is_free(self) -> bool:
        """Whether a row may claim it: no other has, and it is neither reversed nor a reversal."""


class RowToRecord(NamedTuple):
    """A row to record: its identity and what its entry says; `same` is an entry that it claims."""

    identity: str
    account: str
    currency: str
    day: date
    occurred_at: datetime | None
    amount_minor: int
    description: str
    category: str | None
    bank_id: str | None
    instalment: str | None
    foreign: str | None
    same: str | None


class RowResult(Protocol):
    """What became of a row."""

    @property
    def outcome(self) -> RowOutcome:
        """Its outcome; `needs_decision` if another row claimed its entry first."""

    @property
    def entry_id(self) -> str | None:
        """The entry that it created, or is a duplicate of."""

    @property
    def reason(self) -> str | None:
        """Why it was refused."""


class RowLedger(Protocol):
    """The ledger's rows of bank files. Each may raise LedgerUnavailableError."""

    def recorded_rows(
        self, merchant_id: str, identities: Sequence[str]
    ) -> Sequence[RecordedRow | None]:
        """Return the entry that each row already is, None for a new one."""

    def entries(self, merchant_id: str, entry_ids: Sequence[str]) -> Mapping[str, LedgerEntry]:
        """Return those of the ids that are entries of the merchant."""

    def record_rows(
        self, principal: Principal, import_id: str, rows: Sequence[RowToRecord]
    ) -> Sequence[RowResult]:
        """Record rows, or claim their entries; the same rows again change nothing."""

    def begin_undo(self, principal: Principal, import_id: str) -> None:
        """From now on the import's rows are not recorded any more."""

    def undo_rows(
        self, principal: Principal, import_id: str, identities: Sequence[str], reason: str
    ) -> tuple[int, int]:
        """Reverse the import's entries of these rows; return how many, and how many were before.

        The same rows again have the same counts.
        """

    def finish_undo(self, principal: Principal, import_id: str) -> None:
        """From now on the import's rows are new, and what it claimed is free."""


class BookSpan(NamedTuple):
    """The days of an account in a currency whose balances are compared."""

    account: str
    currency: str
    first: date
    last: date


class BookReads(Protocol):
    """The book, as imports read it. Each operation may raise ReadModelUnavailableError."""

    def accounts(self, merchant_id: str) -> Sequence[str]:
        """Return all accounts with entries."""

    def possible_entries(
        self, merchant_id: str, keys: Sequence[MovementKey]
    ) -> Mapping[MovementKey, Sequence[str]]:
        """Return the ids of entries with a key's account, currency and amount, within 3 days."""

    def days(self, merchant_id: str, spans: Sequence[BookSpan]) -> list[BookDays]:
        """Return what the book holds of each span, in their order."""


@dataclass(frozen=True, slots=True)
class ImportPorts:
    """The effects of imports.

    `clock` returns an aware moment, `nonce` new random text; `mapped_accounts` returns a merchant's
    accounts by their numbers in files, and `categorizer` what its rules make of a row.
    """

    table: ImportTable
    bucket: ImportBucket
    ledger: RowLedger
    book: BookReads
    mapped_accounts: Callable[[str], Mapping[str, str]]
    categorizer: Callable[[str], Categorize]
    clock: Callable[[], datetime]
    nonce: Callable[[], str]
    zone: ZoneInfo
