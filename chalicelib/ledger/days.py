"""Business days: dates in the deployment's business time zone."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chalicelib.ledger.errors import FieldError, ValidationError

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
    """Return the first day of `YYYY-MM`; raise ValidationError naming `field` for other text."""
    if len(text) == len("2026-11"):
        try:
            return parse_day(f"{text}-01")
        except ValidationError:
            pass
    message = "must be a month, written YYYY-MM, as 2026-11"
    raise ValidationError(f"{field} {message}.", [FieldError(field, message)])


def business_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date of an instant in the business time zone, which may not be the date in UTC."""
    return instant.astimezone(zone).date()


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield every day from `first` to `last`, both included."""
    yield from map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
