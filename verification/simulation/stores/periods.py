"""The months and years that days belong to."""

from datetime import date


def month_start(day: date) -> date:
    """Return the first day of the day's month."""
    return day.replace(day=1)


def year_start(day: date) -> date:
    """Return the first of January of the day's year."""
    return day.replace(month=1, day=1)
