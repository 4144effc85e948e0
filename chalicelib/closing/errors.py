"""Why a merchant's day cannot be closed: each stops its merchant alone, and alarms."""

from chalicelib.ledger.errors import LivroCaixaError


class DayClosingError(LivroCaixaError):
    """The day's own books are at fault, so the stores did answer."""


class StillDiffersError(DayClosingError):
    """The read model was put right from the ledger and differs all the same."""


class SealMismatchError(DayClosingError):
    """What an earlier closing sealed is not what ledger and read model say today."""


class OpeningMismatchError(DayClosingError):
    """What the closings of earlier days add up to is not the balance before the day."""


class ConcurrentClosingError(DayClosingError):
    """Others closed days of this merchant each time that this one was to be."""
