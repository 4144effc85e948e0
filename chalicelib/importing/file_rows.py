"""The rows of a file with their accounts in the book and their identities."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chalicelib.bank_files.bank_file import BankFile, BankRow
from chalicelib.bank_files.row_identity import AccountRow, identities
from chalicelib.ledger.entries import Entry, is_entry_id
from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.instants import check_window
from chalicelib.ledger.record import check_recordable

TOO_OLD = "it is more than 5 years old"


class MovementKey(NamedTuple):
    """What rows and entries of one movement have in common; the amount is signed, minor units."""

    account: str
    currency: str
    day: date
    amount_minor: int


class FileRow(NamedTuple):
    """A row with its statement's place in the file (from 0), its account and its identity.

    Only rows that may become entries have an identity, and then a day and an amount.
    """

    statement: int
    account: str
    currency: str
    row: BankRow
    identity: str | None

    @property
    def key(self) -> MovementKey:
        """What an entry of the same movement has, too."""
        row = self.row
        return MovementKey(self.account, self.currency, row.day or date.min, row.amount_minor or 0)


class Clock(NamedTuple):
    """The moment of the import, and the business time zone."""

    now: datetime
    zone: ZoneInfo


def file_rows(file: BankFile, accounts: Sequence[str]) -> list[FileRow]:
    """Return all rows of a file in its order; `accounts` are those of its statements."""
    located = [
        (place, accounts[place], statement.currency, row)
        for place, statement in enumerate(file.statements)
        for row in statement.rows
    ]
    located.sort(key=lambda parts: parts[3].row)
    named = identities(AccountRow(account, code, row) for _, account, code, row in located)
    return [FileRow(*parts, identity) for parts, identity in zip(located, named, strict=True)]


def unrecordable_rows(rows: Iterable[FileRow], clock: Clock) -> dict[int, str]:
    """Return why rows cannot be recorded: their age or their currency, by row number."""
    by_day: dict[tuple[str, date], str | None] = {}
    result = {}
    for file_row in rows:
        day, moment = file_row.row.day, file_row.row.occurred_at
        if file_row.identity is None or day is None:
            continue
        if moment is not None:
            reason = _unrecordable(moment, file_row.currency, clock)
        elif (file_row.currency, day) in by_day:
            reason = by_day[file_row.currency, day]
        else:
            noon = datetime.combine(day, time(12), clock.zone)
            reason = by_day[file_row.currency, day] = _unrecordable(noon, file_row.currency, clock)
        if reason is not None:
            result[file_row.row.row] = reason
    return result


def entry_ids_in(rows: Iterable[FileRow]) -> list[str]:
    """Return the bank ids that have the form of an entry's id."""
    ids = dict.fromkeys(file_row.row.bank_id for file_row in rows if file_row.identity is not None)
    return [bank_id for bank_id in ids if bank_id is not None and is_entry_id(bank_id)]


def movement_key(entry: Entry) -> MovementKey:
    """Return the key of an entry."""
    return MovementKey(entry.account, entry.currency, entry.day, entry.effect_minor)


def _unrecordable(moment: datetime, currency: str, clock: Clock) -> str | None:
    moment = min(moment, clock.now)
    try:
        check_window(moment, clock.now)
    except ValidationError:
        return TOO_OLD
    try:
        check_recordable(moment, currency, clock.now, clock.zone)
    except ValidationError as error:
        return error.detail
    return None
