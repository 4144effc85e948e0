"""An import as it is stored: its file, its statements, how many rows have which outcome."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from chalicelib.bank_files.bank_file import Encoding, FileFormat

Status = Literal["preview", "recording", "recorded", "undoing", "undone"]
RowOutcome = Literal["created", "duplicate", "needs_decision", "refused", "information"]
OUTCOMES: tuple[RowOutcome, ...] = (
    "created",
    "duplicate",
    "needs_decision",
    "refused",
    "information",
)
DecisionKind = Literal["same", "new", "leave_out"]


class Decision(NamedTuple):
    """What the merchant decided about a row; `same` names the entry that the row is."""

    kind: DecisionKind
    entry_id: str | None = None


class FileFacts(NamedTuple):
    """What is known of the file; its size is in bytes.

    `layout` is how the columns of a table were read: a preset's name, or the digest of a mapping.
    """

    sha256: str
    size: int
    format: FileFormat
    encoding: Encoding
    preset: str | None
    layout: str | None = None


class TieOut(NamedTuple):
    """The bank's closing balance beside the book's, in minor units.

    `parted_on` is the first day on which they differ. `opening_missing` is the file's opening
    balance, if the account has no entry before the file's first day.
    """

    file_minor: int
    book_minor: int
    parted_on: date | None
    opening_missing_minor: int | None

    @property
    def difference_minor(self) -> int:
        """What the bank has and the book has not."""
        return self.file_minor - self.book_minor


class StatementFacts(NamedTuple):
    """One account of the file: its number there, its slug in the book, its days and balances."""

    number: str | None
    account: str
    currency: str
    first: date | None
    last: date | None
    opening_minor: int | None
    closing_minor: int | None
    closing_day: date | None
    tie_out: TieOut | None


class UndoCounts(NamedTuple):
    """How many entries an undo reversed, and how many already were."""

    reversed: int = 0
    already_reversed: int = 0


@dataclass(frozen=True, slots=True)
class BankImport:
    """An import; `folder` is that of its objects, and `decisions` one of them.

    `counts` are by OUTCOMES. `plan` is the folder of the copies that its recording has made, and
    names its results, also after the copies are deleted; `planned` says which copies there are (see
    plan). `done` counts the pages of a recording or an undo that are finished. `file_balances` are
    the balances of the file's days, by statement (see tie_out).
    """

    import_id: str
    status: Status
    created_at: datetime
    expires_at: datetime
    file: FileFacts
    statements: tuple[StatementFacts, ...]
    counts: tuple[int, ...]
    folder: str
    pages: int
    decisions: str | None = None
    plan: str | None = None
    planned: str = ""
    done: int = 0
    recorded_at: datetime | None = None
    undone_at: datetime | None = None
    undo_reason: str | None = None
    undone: UndoCounts | None = None
    file_balances: tuple[tuple[tuple[date, int], ...], ...] = ()

    @property
    def family(self) -> str:
        """The format without its version: ofx, csv (or TSV) with its layout, cnab."""
        return family(self.file)

    def count(self, outcome: RowOutcome) -> int:
        """Return how many rows have an outcome."""
        return self.counts[OUTCOMES.index(outcome)]


def family(file: FileFacts) -> str:
    """Return a format without its version; an entry of another family may be the same movement.

    So may an entry of a table whose columns were read in another way, because the identity of its
    row is another one, too.
    """
    name = {"ofx-1": "ofx", "ofx-2": "ofx", "tsv": "csv"}.get(file.format, file.format)
    return f"{name} {file.layout or file.preset}" if name == "csv" else name
