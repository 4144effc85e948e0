"""Errors of one merchant's day: each ends only that merchant's run and is logged for an alarm."""

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from chalicelib.ledger.errors import LivroCaixaError, UnavailableError
from chalicelib.storage.postgres import DatabaseUnreachableError, StatementTimeoutError, sqlstate

_BUSY = ("Throttl", "SlowDown", "RequestLimitExceeded", "ThroughputExceeded", "RequestTimeout")
"""Parts of the codes of throttled calls and of timeouts (botocore's standard retry mode)."""
_PASSING = ("08", "40", "53", "57P")
"""Beginnings of the SQLSTATE codes of a broken connection, a transaction that was rolled back for
another, too few resources, and a shutdown (PostgreSQL, appendix A)."""


class DayClosingError(LivroCaixaError):
    """The entries or closings of the day prevent closing it; no store has failed."""


class StillDiffersError(DayClosingError):
    """The read model was repaired from the ledger and still differs from it."""


class TextMismatchError(DayClosingError):
    """The texts of an entry in the ledger are not those that were recorded."""


class SealMismatchError(DayClosingError):
    """An earlier closing sealed something other than what the stores hold now."""


class OpeningMismatchError(DayClosingError):
    """The closings of earlier days do not add up to the balance before the day.

    `unclosed` are earlier days that have entries and no closing, and must be closed first.
    """

    def __init__(self, detail: str, unclosed: Sequence[date] = ()) -> None:
        super().__init__(detail)
        self.unclosed = tuple(unclosed)


class FutureMomentError(DayClosingError):
    """An entry or a closing is dated after the clock: no later closing may be dated before it."""


class ConcurrentClosingError(DayClosingError):
    """At every attempt another run closed a day of this merchant first."""


class MalformedItemError(DayClosingError):
    """An item of the entries table lacks what an entry needs."""


def is_transient(error: Exception) -> bool:
    """Return whether the same again may succeed in a moment: a store or a concurrent run failed it.

    Everything else is a refusal, and stays one until somebody or another run changes something: a
    missing table or right, too. A statement that took all of its time counts as one, because it
    would take that time again.
    """
    if isinstance(error, StatementTimeoutError):
        return False
    if isinstance(error, DatabaseUnreachableError):
        code = sqlstate(error.__cause__)
        return code is None or code.startswith(_PASSING)
    if isinstance(error, ConcurrentClosingError | UnavailableError | OSError):
        return True
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        return _is_busy(error.response)
    return isinstance(error, BotoCoreError)


def _is_busy(response: Any) -> bool:
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = response.get("Error", {}).get("Code", "")
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or any(name in code for name in _BUSY)
