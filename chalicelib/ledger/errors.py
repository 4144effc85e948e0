"""All that Livro Caixa refuses, as one tree; the web edge maps each class to one HTTP status.

LivroCaixaError
├── Unreadable             what cannot be read: broken JSON, a bad header, a bad query parameter
├── Unauthenticated        nobody known is asking
├── Forbidden              somebody known asks for what is not theirs to ask
├── NotFound               no such thing, or it belongs to another merchant
├── Conflict               it reads well, but the ledger's state is against it
│   ├── AlreadyReversed
│   └── ReversalOfReversal
├── TooLarge               more bytes than a request may have
├── UnsupportedMediaType   a body of a kind that the route does not take
├── Invalid                a body that reads and breaks a rule
│   └── KeyReused          an idempotency key that already stands for another request
└── Unavailable            a store is out of reach; trying again helps
    ├── LedgerUnavailable
    ├── ReadModelUnavailable
    └── ConsolidationUnavailable
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field: its name, and what would be right."""

    field: str
    message: str


class LivroCaixaError(Exception):
    """The root; `detail` is a sentence for the consumer, `faults` name each field at fault."""

    def __init__(self, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)


class Unreadable(LivroCaixaError):
    """The request cannot be read."""


class Unauthenticated(LivroCaixaError):
    """No token, or one that does not prove who asks."""


class Forbidden(LivroCaixaError):
    """The token is good and does not reach this far."""


class NotFound(LivroCaixaError):
    """Nothing of this merchant has that name."""


class Conflict(LivroCaixaError):
    """The state of the ledger is against the request."""


class AlreadyReversed(Conflict):
    """The entry has its one reversal already."""


class ReversalOfReversal(Conflict):
    """A reversal is final; a new entry puts things right."""


class TooLarge(LivroCaixaError):
    """The body has more bytes than the route takes."""


class UnsupportedMediaType(LivroCaixaError):
    """The body is of a kind that the route does not take."""


class Invalid(LivroCaixaError):
    """The body reads well and breaks a rule."""


class KeyReused(Invalid):
    """The idempotency key already stands for another request."""


class Unavailable(LivroCaixaError):
    """A store is out of reach; `retry_after` is in seconds."""

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class LedgerUnavailable(Unavailable):
    """The ledger's table does not answer; nothing was half recorded."""


class ReadModelUnavailable(Unavailable):
    """The read model does not answer; entries can still be recorded."""


class ConsolidationUnavailable(Unavailable):
    """The state machine or the signing key does not answer; no closing is half made."""
