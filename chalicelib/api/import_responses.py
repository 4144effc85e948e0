"""The responses of imports (importação de extrato): an import, and its rows."""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chalicelib.api.fields import (
    CurrencyCode,
    DaySchema,
    EntryIdSchema,
    InstantSchema,
    SlugSchema,
    TotalSchema,
)
from chalicelib.bank_files.bank_file import Encoding, FileFormat
from chalicelib.importing.bank_import import (
    BankImport,
    DecisionKind,
    RowOutcome,
    StatementFacts,
    Status,
    TieOut,
)
from chalicelib.importing.import_ids import IMPORT_ID_PATTERN
from chalicelib.importing.rows import ShownRow
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.money import format_amount

ImportIdSchema = Annotated[
    str, Field(pattern=f"^{IMPORT_ID_PATTERN}$", examples=["06dh1a9s2k0g5t3v8q7m4n6b1c2d3e4f"])
]


class FileResponse(TypedDict):
    """The bank file that was read."""

    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: int
    format: FileFormat
    encoding: Encoding


class TieOutResponse(TypedDict):
    """The bank's balance on `closing_day` beside the book's; never booked."""

    file: TotalSchema
    book: Annotated[
        TotalSchema,
        Field(description="As it is once the import is recorded; of a recorded one, as it is now."),
    ]
    difference: Annotated[TotalSchema, Field(description="`file` less `book`.")]
    parted_on: Annotated[
        DaySchema | None,
        Field(description="The first day whose balance differs; null if `difference` is zero."),
    ]
    opening_missing: NotRequired[
        Annotated[
            TotalSchema,
            Field(description="The file's opening, if the account has no entry before `from`."),
        ]
    ]


_From = TypedDict("_From", {"from": DaySchema | None})  # a keyword of Python cannot be a field


class ImportedStatementResponse(_From):
    """One account of the file; what the file does not say is null."""

    number: str | None
    account: SlugSchema
    currency: CurrencyCode
    to: DaySchema | None
    opening: TotalSchema | None
    closing: TotalSchema | None
    closing_day: DaySchema | None
    tie_out: TieOutResponse | None


class RowCountsResponse(TypedDict):
    """How many rows have each outcome; the five add up to `read`."""

    read: int
    created: int
    duplicate: int
    needs_decision: int
    refused: int
    information: int


class UndoneResponse(TypedDict):
    """What an undo did to the entries that the import created."""

    reversed: int
    already_reversed: int


class ImportResponse(TypedDict):
    """An import of a bank file."""

    id: ImportIdSchema
    status: Status
    file: FileResponse
    statements: list[ImportedStatementResponse]
    rows: RowCountsResponse
    recorded_at: InstantSchema | None
    undone_at: InstantSchema | None
    undone: NotRequired[
        Annotated[UndoneResponse, Field(description="Once its undo has begun: so far.")]
    ]
    expires_at: Annotated[
        InstantSchema, Field(description="When its rows and its file are deleted.")
    ]


class ImportsResponse(TypedDict):
    """A page of imports, newest first."""

    items: list[ImportResponse]
    next_cursor: str | None


class CandidateResponse(TypedDict):
    """An entry that may be the same as a row."""

    entry: EntryIdSchema
    day: DaySchema
    description: str | None


class RowResponse(TypedDict):
    """A row of the file, and what becomes of it."""

    row: Annotated[int, Field(description="Its number in the file, from 1.")]
    line: Annotated[int, Field(description="The line on which it begins, from 1.")]
    outcome: RowOutcome
    reason: str | None
    day: DaySchema | None
    amount: Annotated[TotalSchema | None, Field(description="Negative for money out.")]
    bank_id: str | None
    description: str | None
    category: SlugSchema | None
    rule: Annotated[str | None, Field(description="The rule that gave the category.")]
    entry: Annotated[
        EntryIdSchema | None, Field(description="The entry that it created or is a duplicate of.")
    ]
    candidates: list[CandidateResponse]
    decision: DecisionKind | None


class RowsResponse(TypedDict):
    """A page of rows, in the order of the file."""

    items: list[RowResponse]
    next_cursor: str | None


def import_response(stored: BankImport) -> ImportResponse:
    """Return the response for an import."""
    file = stored.file
    recorded_at, undone_at = stored.recorded_at, stored.undone_at
    response: ImportResponse = {
        "id": stored.import_id,
        "status": stored.status,
        "file": {
            "sha256": file.sha256,
            "bytes": file.size,
            "format": file.format,
            "encoding": file.encoding,
        },
        "statements": [_statement(facts) for facts in stored.statements],
        "rows": {
            "read": sum(stored.counts),
            "created": stored.count("created"),
            "duplicate": stored.count("duplicate"),
            "needs_decision": stored.count("needs_decision"),
            "refused": stored.count("refused"),
            "information": stored.count("information"),
        },
        "recorded_at": format_instant(recorded_at) if recorded_at else None,
        "undone_at": format_instant(undone_at) if undone_at else None,
        "expires_at": format_instant(stored.expires_at),
    }
    if stored.undone is not None:
        response["undone"] = {
            "reversed": stored.undone.reversed,
            "already_reversed": stored.undone.already_reversed,
        }
    return response


def row_response(shown: ShownRow, currency: str) -> RowResponse:
    """Return the response for a row of a statement in a currency."""
    row = shown.row
    return {
        "row": row.row,
        "line": row.line,
        "outcome": row.outcome,
        "reason": row.reason,
        "day": row.day.isoformat() if row.day else None,
        "amount": _amount(row.amount_minor, currency),
        "bank_id": row.bank_id,
        "description": row.description,
        "category": row.category,
        "rule": row.rule,
        "entry": row.entry_id,
        "candidates": [
            {
                "entry": candidate.entry_id,
                "day": candidate.day.isoformat(),
                "description": candidate.description,
            }
            for candidate in row.candidates
        ],
        "decision": shown.decision.kind if shown.decision else None,
    }


def _statement(facts: StatementFacts) -> ImportedStatementResponse:
    return {
        "number": facts.number,
        "account": facts.account,
        "currency": facts.currency,
        "from": facts.first.isoformat() if facts.first else None,
        "to": facts.last.isoformat() if facts.last else None,
        "opening": _amount(facts.opening_minor, facts.currency),
        "closing": _amount(facts.closing_minor, facts.currency),
        "closing_day": facts.closing_day.isoformat() if facts.closing_day else None,
        "tie_out": _tie_out(facts.tie_out, facts.currency) if facts.tie_out else None,
    }


def _tie_out(tie_out: TieOut, currency: str) -> TieOutResponse:
    response: TieOutResponse = {
        "file": format_amount(tie_out.file_minor, currency),
        "book": format_amount(tie_out.book_minor, currency),
        "difference": format_amount(tie_out.difference_minor, currency),
        "parted_on": tie_out.parted_on.isoformat() if tie_out.parted_on else None,
    }
    if tie_out.opening_missing_minor is not None:
        response["opening_missing"] = format_amount(tie_out.opening_missing_minor, currency)
    return response


def _amount(minor: int | None, currency: str) -> str | None:
    return None if minor is None else format_amount(minor, currency)
