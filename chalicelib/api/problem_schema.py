"""The schema of a problem: the body of every response with a status of 400 or above."""

from typing import Annotated, NotRequired

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from chalicelib.bank_files.errors import FileReason
from chalicelib.ledger.errors import ImportConflictReason


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

    reason: FileReason
    shown: Annotated[
        str,
        Field(description="What a translation may show: names or quotations; may be empty."),
    ]


class ConflictProblem(TypedDict):
    """Why an import cannot be changed, for a page that says it in another language."""

    reason: Annotated[
        ImportConflictReason,
        Field(description="A status means that the import has it, so the request is not allowed."),
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
