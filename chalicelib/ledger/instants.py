"""Moments in time: RFC 3339 text with an offset in the API, aware datetimes internally."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from chalicelib.ledger.errors import FieldError, ValidationError

FUTURE_TOLERANCE = timedelta(minutes=5)
OLDEST_YEARS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_INSTANT = re.compile(
    # Without 24:00, which RFC 3339 does not allow and newer Pythons parse as the next midnight.
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt](?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2})(\.[0-9]+)?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])",
    re.ASCII,
)


def parse_instant(text: str) -> datetime:
    """Return the aware datetime of an RFC 3339 instant; raise ValidationError for other text.

    A fraction of a second may have any number of digits; those beyond microseconds are cut off. A
    leap second (:60) is an error: datetime has none.
    """
    parts = _INSTANT.fullmatch(text)
    if parts is None:
        raise _error("must be an RFC 3339 instant with an offset, as 2026-11-23T14:05:00-03:00")
    seconds, fraction, offset = parts.groups("")
    try:
        instant = datetime.fromisoformat(f"{seconds}{fraction[:7]}{offset}".upper())
        instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _error("must be a date and time that exist, as 2026-11-23T14:05:00-03:00") from None
    return instant


def check_window(occurred: datetime, now: datetime) -> None:
    """Raise ValidationError unless `occurred` is at most 5 minutes after, 5 years before `now`."""
    if occurred > now + FUTURE_TOLERANCE:
        raise _error("must be at most 5 minutes in the future")
    if occurred < _years_before(now, OLDEST_YEARS):
        raise _error(f"must be at most {OLDEST_YEARS} years in the past")


def format_instant(instant: datetime, zone: tzinfo = UTC) -> str:
    """Return RFC 3339 text with milliseconds, in UTC as `…Z` unless another zone is given."""
    text = instant.astimezone(zone).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z" if zone is UTC else text


def isoformat_in_utc(instant: datetime) -> str:
    """Return isoformat() of an aware instant in UTC, in half the time."""
    # The arithmetic is fast; calling a zone for its offset is slow, and so is removing the zone.
    return (_NAIVE_EPOCH + (instant - _EPOCH)).isoformat() + "+00:00"


def to_milliseconds(instant: datetime) -> datetime:
    """Return the instant in UTC, cut to whole milliseconds, as `recorded_at` is stored."""
    utc = instant.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def _years_before(now: datetime, years: int) -> datetime:
    try:
        return now.replace(year=now.year - years)
    except ValueError:  # 29 February, which the earlier year does not have
        return now.replace(year=now.year - years, day=28)


def _error(message: str) -> ValidationError:
    return ValidationError(f"occurred_at {message}.", [FieldError("occurred_at", message)])
