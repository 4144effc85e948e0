"""Errors of one merchant's day: each stops only that day and is logged for an alarm."""

from chalicelib.ledger.errors import LivroCaixaError


class DayClosingError(LivroCaixaError):
    """The entries or closings of the day prevent closing it; no store has failed."""


class StillDiffersError(DayClosingError):
    """The read model was repaired from the ledger and still differs from it."""


class SealMismatchError(DayClosingError):
    """An earlier closing sealed something other than what the stores hold now."""


class OpeningMismatchError(DayClosingError):
    """The closings of earlier days do not add up to the balance before the day."""


class ConcurrentClosingError(DayClosingError):
    """At every attempt another run closed a day of this merchant first."""
