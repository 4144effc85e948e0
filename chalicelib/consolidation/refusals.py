"""Why a merchant's day cannot be closed: each stops its merchant alone, and alarms."""

from chalicelib.ledger.errors import LivroCaixaError


class DayRefused(LivroCaixaError):
    """The day's own books are at fault, so the stores did answer."""


class StillDiffers(DayRefused):
    """The read model was put right from the ledger and differs all the same."""


class SealContradicted(DayRefused):
    """What an earlier closing sealed is not what ledger and read model say today."""


class OpeningContradicted(DayRefused):
    """What the closings of earlier days add up to is not the balance before the day."""


class Overtaken(DayRefused):
    """Others closed days of this merchant each time that this one was to be."""
