"""Business days: dates in the deployment's business time zone, and the instants that bound them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.ledger.errors import Fault, Invalid

_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def parse_day(text: str, field: str = "day") -> date:
    """Return the date of `YYYY-MM-DD` (RFC 3339 full-date), else raise Invalid naming `field`."""
    if _SHAPE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    message = "must be a day that exists, written YYYY-MM-DD, as 2026-11-23"
    raise Invalid(f"{field} {message}.", [Fault(field, message)])


def business_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the day an instant counts for: 23:30 in São Paulo is that day, whatever UTC says."""
    return instant.astimezone(zone).date()


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the half-open interval of instants, in UTC, that make up a business day.

    Where clocks skipped midnight (São Paulo, 2017-10-15) the day begins at its first real instant.
    """
    return _first_instant(day, zone), _first_instant(day + timedelta(days=1), zone)


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield every day from `first` to `last`, both included."""
    yield from map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def month_start(day: date) -> date:
    """Return the first day of the day's month."""
    return day.replace(day=1)


def year_start(day: date) -> date:
    """Return the first of January of the day's year."""
    return day.replace(month=1, day=1)


def _first_instant(day: date, zone: ZoneInfo) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    # fold=0 in a gap names the instant by the offset before it, which falls exactly on its end.
    return midnight.astimezone(UTC)
