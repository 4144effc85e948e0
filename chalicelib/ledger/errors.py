"""The domain's errors, as one tree; the API maps each class to one HTTP status.

LivroCaixaError
├── InvalidQueryError             a query parameter is invalid
├── NotFoundError                 it does not exist, or it belongs to another merchant
├── ConflictError                 the request is valid, but conflicts with the state of the ledger
│   ├── AlreadyReversedError
│   ├── ReversalOfReversalError
│   ├── ImportConflictError       of an import of a bank file; names its reason
│   └── TextsDifferError          the ledger's texts are not those that were sealed
├── ValidationError               a request that breaks a rule
│   └── IdempotencyKeyReusedError a key that was used for a different request
└── UnavailableError              a data store does not respond; retrying helps
    ├── LedgerUnavailableError
    ├── ReadModelUnavailableError
    ├── ConsolidationUnavailableError
    ├── SealBucketUnavailableError
    └── ImportBucketUnavailableError
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error in one field: the field's name, and what would be correct."""

    field: str
    message: str


class LivroCaixaError(Exception):
    """The root; `detail` is a sentence for the consumer, `field_errors` name each wrong field.

    `extensions` are further members of the problem (RFC 9457, 3.2), as JSON values.
    """

    extensions: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, detail: str, field_errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field_errors = tuple(field_errors)


class InvalidQueryError(LivroCaixaError):
    """A query parameter is invalid."""


class NotFoundError(LivroCaixaError):
    """Not found, or owned by another merchant."""


class ConflictError(LivroCaixaError):
    """The request conflicts with the current state of the ledger."""


class AlreadyReversedError(ConflictError):
    """The entry already has a reversal, and an entry has at most one."""


class ReversalOfReversalError(ConflictError):
    """A reversal cannot be reversed; record a new entry instead."""


ImportConflictReason = Literal[
    "entries-since-preview",
    "expired",
    "lost-claims",
    "preview",
    "recorded",
    "recording",
    "rows-not-stored",
    "undecided-rows",
    "undoing",
    "undone",
]
"""Stable names; a status of imports means that the import has it, so the request is not allowed."""


class ImportConflictError(ConflictError):
    """The request conflicts with the state of an import or its rows.

    `shown` is what a translation may show: numbers of rows, or how many; it may be empty.
    """

    def __init__(self, reason: ImportConflictReason, detail: str, shown: str = "") -> None:
        super().__init__(detail)
        self.extensions = {"conflict": {"reason": reason, "shown": shown}}


class TextsDifferError(ConflictError):
    """The texts of an entry do not give the digest that was sealed: somebody altered them."""


class ValidationError(LivroCaixaError):
    """A well-formed request breaks a rule."""


class IdempotencyKeyReusedError(ValidationError):
    """The idempotency key was already used for a different request."""


class UnavailableError(LivroCaixaError):
    """A data store does not respond; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class LedgerUnavailableError(UnavailableError):
    """The ledger's table does not respond; nothing was partly recorded."""


class ReadModelUnavailableError(UnavailableError):
    """The read model does not respond; entries can still be recorded."""


class ConsolidationUnavailableError(UnavailableError):
    """The state machine or the signing key does not respond; no closing is partly made."""


class SealBucketUnavailableError(UnavailableError):
    """The bucket of sealed closings does not respond; entries can still be recorded."""


class ImportBucketUnavailableError(UnavailableError):
    """The bucket of bank files does not respond; entries can still be recorded."""
