"""Business days: dates in the deployment's business time zone."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chalicelib.ledger.errors import FieldError, ValidationError

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def parse_day(text: str, field: str = "day") -> date:
    """Parse `YYYY-MM-DD` (RFC 3339 full-date); raise ValidationError naming `field` otherwise."""
    if _SHAPE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    message = "must be a day that exists, written YYYY-MM-DD, as 2026-11-23"
    raise ValidationError(f"{field} {message}.", [FieldError(field, message)])


def business_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the day an instant counts for: 23:30 in São Paulo is that day, whatever UTC says."""
    return instant.astimezone(zone).date()


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield every day from `first` to `last`, both included."""
    yield from map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
