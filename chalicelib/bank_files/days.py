"""Days and times as banks write them: `05/10/2026`, `20261005`, `2026-10-05T09:12:00-03:00`."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal, NamedTuple

from chalicelib.bank_files.bank_file import Calendar
from chalicelib.bank_files.errors import RowError
from chalicelib.bank_files.text import quoted
from chalicelib.ledger.days import business_day

DayOrder = Literal["day-first", "month-first"]
_CLOCK = r"(?:(?:T| *(?:-|às|as)? +)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?"
_WRITTEN = re.compile(
    r"(?:([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})|([0-9]{4})([-/.]?)([0-9]{2})\6([0-9]{2}))"
    + _CLOCK
    + r" ?(Z|[+-][0-9]{2}:?[0-9]{2})?)?",
    re.ASCII,
)
_OFX = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})"
    r"(?:[T ]?([0-9]{2}):?([0-9]{2}):?([0-9]{2})?(?:\.[0-9]{1,9})?)?"
    r" ?(?:(Z|[+-][0-9]{2}:?[0-9]{2})|\[([+-]?[0-9]{1,2})(?:\.([0-9]{1,2}))?(?::[^\]]{0,20})?\]?)?",
    re.ASCII,
)
_START = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]", re.ASCII)
_LONGEST = 60
_HOURS = 24
_NOT_A_TIME = (time(0), time(12))


class Moment(NamedTuple):
    """A business day, and the aware moment if the file has a time."""

    day: date
    occurred_at: datetime | None


def parse_written(text: str, order: DayOrder, calendar: Calendar) -> Moment:
    """Return the moment of a date in a CSV file; raise RowError if there is none.

    `order` says whether 05/10 is October; a date that begins with its year needs no order.
    """
    text = text.strip()[:_LONGEST]
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise _no_day(text)
    first, _, second, year, iso_year, _, iso_month, iso_day, *clock, offset = match.groups()
    day, month = (first, second) if order == "day-first" else (second, first)
    year = f"20{year}" if year and len(year) == 2 else year
    parts = [int(part) for part in (iso_year or year, iso_month or month, iso_day or day)]
    return _moment(parts, clock, _offset(offset), calendar, text)


def parse_ofx(text: str, calendar: Calendar) -> Moment:
    """Return the moment of a date in an OFX file (`20261016013000[-3:BRT]`) or raise RowError."""
    text = text.strip()[:_LONGEST]
    match = _OFX.fullmatch(text)
    if match is None:
        raise _no_day(text)
    year, month, day, *clock, iso_offset, hours, part = match.groups()
    zone = _offset(iso_offset)
    if hours and abs(int(hours)) < _HOURS:
        zone = timezone(timedelta(hours=int(hours), minutes=_minutes(hours, part)))
    return _moment([int(year), int(month), int(day)], clock, zone, calendar, text)


def day_order(dates: Iterable[str]) -> DayOrder | None:
    """Return the order that the dates of a file show by a number above 12, or None."""
    pairs = [match.groups() for match in map(_START.match, dates) if match]
    day_first = any(int(first) > 12 for first, _ in pairs)
    month_first = any(int(second) > 12 for _, second in pairs)
    if day_first == month_first:
        return None
    return "day-first" if day_first else "month-first"


def needs_order(text: str) -> bool:
    """Return whether a date is another day if its month comes first."""
    match = _START.match(text.strip())
    numbers = {int(number) for number in match.groups()} if match else set()
    return len(numbers) > 1 and max(numbers) <= 12


def _moment(
    parts: list[int],
    clock: list[str | None],
    offset: tzinfo | None,
    calendar: Calendar,
    text: str,
) -> Moment:
    try:
        day = date(*parts)
    except ValueError:
        raise _no_day(text) from None
    hour, minute, second = (int(part or 0) for part in clock)
    try:
        at = time(hour, minute, second)
        if at in _NOT_A_TIME:
            return Moment(day, None)
        moment = datetime.combine(day, at, offset or calendar.zone)
        return Moment(business_day(moment, calendar.zone) if offset else day, moment)
    except (ValueError, OverflowError):
        return Moment(day, None)


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text == "Z":
        return timezone(timedelta(0))
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours >= _HOURS or minutes >= 60:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _minutes(hours: str, part: str | None) -> int:
    # The specification's examples are [5.30:IST] for half an hour and [-3.5] in other files.
    minutes = 0 if not part else int(part) if part in ("15", "30", "45") else int(part[0]) * 6
    return -minutes if hours.startswith("-") else minutes


def _no_day(text: str) -> RowError:
    if not text.strip("0 /-."):
        return RowError("it has no day")
    return RowError(f"the day {quoted(text)} does not exist")
