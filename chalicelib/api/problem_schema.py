"""The schema of a problem: the body of every response with a status of 400 or above."""

from collections.abc import Mapping
from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from chalicelib.bank_files.errors import FileReason
from chalicelib.ledger.errors import ImportConflictReason

_FILE_REASONS: dict[FileReason, str] = {
    "ambiguous-columns": "its header fits several presets (`shown`)",
    "document-type": "it declares a document type or entities",
    "empty": "it has no text",
    "no-rows": "it has no rows",
    "other-columns": "its columns (`shown`) are not those of the preset or the mapping",
    "other-service": "a CNAB 240 file without a statement (extrato para conciliação)",
    "too-large": "it has too many bytes or rows (status 413; `shown` are the limits)",
    "too-many-days": "it has too many statements or days for one import",
    "unknown-columns": "no preset has its columns (`shown`), so it needs a mapping",
    "unknown-currency": "a currency (`shown`) is not in ISO 4217",
    "unknown-format": "it is not OFX, CSV, TSV or CNAB 240 (`shown` is how it begins)",
    "unknown-preset": "there is no such preset (`shown`)",
    "wrong-kind": "it is a file of another kind (`shown`)",
}
_CONFLICT_REASONS: dict[ImportConflictReason, str] = {
    "entries-since-preview": "entries recorded since the preview may be the same as rows (`shown`)",
    "expired": "the preview is older than 30 days",
    "lost-claims": "the entries of rows (`shown`) were claimed or reversed: decide again",
    "rows-not-stored": "the rows that are left to record are not stored any more",
    "undecided-rows": "rows (`shown` is how many) need a decision first",
}


def _listed(reasons: Mapping[Any, str]) -> str:
    return "; ".join(f"`{reason}`: {text}" for reason, text in reasons.items())


@with_config(ConfigDict(extra="forbid"))
class ProblemField(TypedDict):
    """An error in one field."""

    field: str
    message: str


class UnknownAccount(TypedDict):
    """An account of a bank file that is not mapped to one of the book."""

    number: Annotated[str | None, Field(description="As in the file; null if it names none.")]
    currency: str
    rows: Annotated[int, Field(description="How many rows it has in the file.")]


class FileProblem(TypedDict):
    """Why a bank file cannot be read, for a page that says it in another language."""

    reason: Annotated[FileReason, Field(description=f"{_listed(_FILE_REASONS)}.")]
    shown: Annotated[
        str,
        Field(description="What a translation may show: names or quotations; may be empty."),
    ]


class ConflictProblem(TypedDict):
    """Why an import cannot be changed, for a page that says it in another language."""

    reason: Annotated[
        ImportConflictReason,
        Field(
            description=f"{_listed(_CONFLICT_REASONS)}; a status: the import has it, so the "
            "request is not allowed."
        ),
    ]
    shown: Annotated[
        str,
        Field(
            description="What a translation may show: up to 10 numbers of rows, or for "
            "`undecided-rows` how many rows; may be empty."
        ),
    ]


class Problem(TypedDict):
    """A problem (RFC 9457)."""

    type: Annotated[
        str, Field(description="`about:blank` if the status says it all, otherwise a URN.")
    ]
    title: str
    status: int
    detail: Annotated[str, Field(description="What was wrong, and what would be correct.")]
    instance: Annotated[str, Field(description="Where the error occurred.")]
    request_id: Annotated[
        str, Field(description="The response's X-Request-Id, which the logs also contain.")
    ]
    errors: NotRequired[
        Annotated[
            list[ProblemField],
            Field(description="All errors in the request; absent if there are none."),
        ]
    ]
    accounts: NotRequired[
        Annotated[
            list[UnknownAccount],
            Field(description="Only of POST /v1/imports: the accounts that are not mapped."),
        ]
    ]
    file: NotRequired[
        Annotated[
            FileProblem,
            Field(description="Only of POST /v1/imports: why the file cannot be read."),
        ]
    ]
    conflict: NotRequired[
        Annotated[
            ConflictProblem,
            Field(description="Only of 409 about an import: why it cannot be changed."),
        ]
    ]
