"""Business days: dates in the deployment's business time zone."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chalicelib.ledger.errors import FieldError, ValidationError

EARLIEST_MONTH = date(1900, 1, 1)
"""Where the days of spreadsheets begin; entries are never older than 5 years."""
_FULL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def parse_day(text: str, field: str = "day") -> date:
    """Return the date of `YYYY-MM-DD` (RFC 3339 full-date).

    Raises ValidationError naming `field` for any other text.
    """
    if _FULL_DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    message = "must be a day that exists, written YYYY-MM-DD, as 2026-11-23"
    raise ValidationError(f"{field} {message}.", [FieldError(field, message)])


def parse_month(text: str, field: str = "month") -> date:
    """Return the first day of `YYYY-MM`, 1900-01 or later.

    Raises ValidationError naming `field` for any other text.
    """
    if len(text) == len("2026-11"):
        try:
            return check_earliest(parse_day(f"{text}-01"))
        except ValidationError:
            pass
    message = f"must be a month from {EARLIEST_MONTH:%Y-%m}, written YYYY-MM, as 2026-11"
    raise ValidationError(f"{field} {message}.", [FieldError(field, message)])


def check_earliest(day: date, field: str = "day") -> date:
    """Return the day; raise ValidationError naming `field` if it is before 1900."""
    if day >= EARLIEST_MONTH:
        return day
    message = f"must be {EARLIEST_MONTH.isoformat()} or later"
    raise ValidationError(f"{field} {message}.", [FieldError(field, message)])


def business_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date of an instant in the business time zone, which may not be the date in UTC."""
    return instant.astimezone(zone).date()


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield every day from `first` to `last`, both included."""
    yield from map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
