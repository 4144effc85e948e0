"""All that Livro Caixa refuses, as one tree; the web edge maps each class to one HTTP status.

LivroCaixaError
├── BadRequestError             the request cannot be read: broken JSON, header or query
├── UnauthenticatedError        nobody known is asking
├── ForbiddenError              somebody known asks for what is not theirs to ask
├── NotFoundError               no such thing, or it belongs to another merchant
├── ConflictError               it reads well, but the ledger's state is against it
│   ├── AlreadyReversedError
│   └── ReversalOfReversalError
├── PayloadTooLargeError        more bytes than a request may have
├── UnsupportedMediaTypeError   a body of a kind that the route does not take
├── ValidationError             a body that reads and breaks a rule
│   └── IdempotencyKeyReusedError  a key that was used for a different request
└── UnavailableError            a store is out of reach; trying again helps
    ├── LedgerUnavailableError
    ├── ReadModelUnavailableError
    └── ConsolidationUnavailableError
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field: its name, and what would be right."""

    field: str
    message: str


class LivroCaixaError(Exception):
    """The root; `detail` is a sentence for the consumer, `faults` name each field at fault."""

    def __init__(self, detail: str, faults: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)


class BadRequestError(LivroCaixaError):
    """The request cannot be read."""


class UnauthenticatedError(LivroCaixaError):
    """No token, or one that does not prove who asks."""


class ForbiddenError(LivroCaixaError):
    """The token is good and does not reach this far."""


class NotFoundError(LivroCaixaError):
    """Nothing of this merchant has that name."""


class ConflictError(LivroCaixaError):
    """The state of the ledger is against the request."""


class AlreadyReversedError(ConflictError):
    """The entry has its one reversal already."""


class ReversalOfReversalError(ConflictError):
    """A reversal is final; a new entry puts things right."""


class PayloadTooLargeError(LivroCaixaError):
    """The body has more bytes than the route takes."""


class UnsupportedMediaTypeError(LivroCaixaError):
    """The body is of a kind that the route does not take."""


class ValidationError(LivroCaixaError):
    """The body reads well and breaks a rule."""


class IdempotencyKeyReusedError(ValidationError):
    """The idempotency key was already used for a different request."""


class UnavailableError(LivroCaixaError):
    """A store is out of reach; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class LedgerUnavailableError(UnavailableError):
    """The ledger's table does not answer; nothing was half recorded."""


class ReadModelUnavailableError(UnavailableError):
    """The read model does not answer; entries can still be recorded."""


class ConsolidationUnavailableError(UnavailableError):
    """The state machine or the signing key does not answer; no closing is half made."""
