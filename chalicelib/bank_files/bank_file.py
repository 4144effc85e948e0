"""What a bank file says: its statements, and each of their rows with its outcome."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Outcome = Literal["created", "duplicate", "refused", "information"]
FileFormat = Literal["ofx-1", "ofx-2", "csv", "tsv", "cnab-240"]
Encoding = Literal["utf-8", "utf-16", "cp1252", "latin-1"]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The day of the import, and the business time zone; rows after that day are refused."""

    today: date
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class BankRow:
    """One row of a file: its number and line, both from 1, and what becomes of it.

    `created` means that an entry may be made of it, and `duplicate` that the same row is printed
    above; `reason` explains the other outcomes. `amount_minor` is signed, money out is negative.
    `balance_minor` is the balance after the row, or what a balance row says. `occurred_at` is set
    only if the file has a time. `raw_text` has the fields of the text before they are joined.
    """

    row: int
    line: int
    outcome: Outcome
    reason: str | None
    day: date | None
    occurred_at: datetime | None
    amount_minor: int | None
    balance_minor: int | None
    bank_id: str | None
    description: str
    raw_text: tuple[str, ...]
    instalment: str | None = None
    foreign: str | None = None


@dataclass(frozen=True, slots=True)
class BankStatement:
    """The rows of one account in file order; None means that the file does not say it.

    `opening_minor` is before the first row, `closing_minor` at the end of `closing_day`.
    """

    number: str | None
    currency: str
    rows: tuple[BankRow, ...]
    opening_minor: int | None
    closing_minor: int | None
    closing_day: date | None

    @property
    def first(self) -> date | None:
        """The first day of a row that is not refused."""
        return min(self._days(), default=None)

    @property
    def last(self) -> date | None:
        """The last day of a row that is not refused."""
        return max(self._days(), default=None)

    @property
    def sum_minor(self) -> int:
        """What the created rows add up to."""
        return created_sum(self.rows)

    def _days(self) -> list[date]:
        return [row.day for row in self.rows if row.day and row.outcome != "refused"]


@dataclass(frozen=True, slots=True)
class BankFile:
    """A file that was read, in which format and encoding."""

    format: FileFormat
    encoding: Encoding
    preset: str | None
    statements: tuple[BankStatement, ...]

    @property
    def counts(self) -> Counter[Outcome]:
        """How many rows have each outcome; all of them add up to the rows of the file."""
        return Counter(row.outcome for each in self.statements for row in each.rows)


def created_sum(rows: Iterable[BankRow]) -> int:
    """Return what the created rows add up to, in minor units."""
    return sum(row.amount_minor or 0 for row in rows if row.outcome == "created")
