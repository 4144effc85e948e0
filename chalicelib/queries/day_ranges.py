"""Limits on the days that a query may cover."""

from datetime import date

from chalicelib.ledger.errors import FieldError, InvalidQueryError

LONGEST_DAYS = 366


def check_order(first: date | None, last: date | None) -> None:
    """Raise InvalidQueryError for `to` when `last` is before `first`; None is no limit."""
    if first is not None and last is not None and last < first:
        raise _error("must not be before from")


def check_range(first: date, last: date) -> None:
    """Raise InvalidQueryError for `to` unless first to last are 1 to 366 days, in order."""
    check_order(first, last)
    if (last - first).days >= LONGEST_DAYS:
        raise _error(f"must be within {LONGEST_DAYS} days of `from`, both days included")


def _error(message: str) -> InvalidQueryError:
    return InvalidQueryError(f"to {message}.", [FieldError("to", message)])
