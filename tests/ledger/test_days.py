"""Business days: they start at midnight in the business time zone; an instant has one day."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.days import business_day, days_between, parse_day
from chalicelib.ledger.errors import ValidationError
from verification.kit.strategies import SAO_PAULO, ZONES, moments

days = st.dates(date(1970, 1, 2), date(2200, 1, 1))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-24T02:30:00+00:00", "2026-11-23"),
        ("2026-11-23T23:30:00-03:00", "2026-11-23"),
        ("2026-11-24T02:59:59.999999+00:00", "2026-11-23"),
        ("2026-11-24T03:00:00+00:00", "2026-11-24"),
        ("2018-02-18T01:30:00+00:00", "2018-02-17"),
        ("2018-02-18T02:30:00+00:00", "2018-02-17"),
    ],
)
def test_instant_has_its_day_in_sao_paulo(instant: str, day: str) -> None:
    assert business_day(datetime.fromisoformat(instant), SAO_PAULO) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "begins", "hours"),
    [
        (date(2026, 11, 23), "2026-11-23T03:00:00+00:00", 24),
        (date(2017, 10, 14), "2017-10-14T03:00:00+00:00", 24),
        (date(2017, 10, 15), "2017-10-15T03:00:00+00:00", 23),
        (date(2018, 11, 4), "2018-11-04T03:00:00+00:00", 23),
        (date(2018, 2, 17), "2018-02-17T02:00:00+00:00", 25),
        (date(2018, 2, 18), "2018-02-18T03:00:00+00:00", 24),
    ],
)
def test_day_without_midnight_is_complete(day: date, begins: str, hours: int) -> None:
    first, end = _bounds(day, SAO_PAULO)
    assert first == datetime.fromisoformat(begins)
    assert end - first == timedelta(hours=hours)
    assert business_day(first, SAO_PAULO) == day
    assert business_day(first - timedelta(microseconds=1), SAO_PAULO) == day - timedelta(days=1)


@given(moments, st.sampled_from(ZONES))
def test_instant_is_within_its_day(moment: datetime, zone: ZoneInfo) -> None:
    first, end = _bounds(business_day(moment, zone), zone)
    assert first <= moment < end


@given(st.dates())
def test_formatted_day_is_parsed_back(day: date) -> None:
    assert parse_day(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    [
        *("", "today", "2026-11-31", "2026-02-29", "2026-13-01", "2026-00-01", "0000-01-01"),
        *("2026-1-1", "26-11-23", "20261123", "2026-W48-1", "2026-327", "2026/11/23", "23/11/2026"),
        *(" 2026-11-23", "2026-11-23 ", "2026-11-23\n", "2026-11-23T00:00:00Z"),
        *("٢٠٢٦-١١-٢٣", "+2026-11-23"),
    ],
)
def test_invalid_day_names_the_field(text: str) -> None:
    with pytest.raises(ValidationError) as error:
        parse_day(text, "from")
    assert [field_error.field for field_error in error.value.field_errors] == ["from"]


@given(days, st.integers(0, 400))
def test_days_between_are_consecutive(first: date, length: int) -> None:
    run = list(days_between(first, first + timedelta(days=length)))
    assert (run[0], len(run)) == (first, length + 1)
    assert all(later - day == timedelta(days=1) for day, later in pairwise(run))
    assert list(days_between(first, first - timedelta(days=1))) == []


def _bounds(day: date, zone: ZoneInfo) -> list[datetime]:
    """Return the first instants, in UTC, of a day and of the next day.

    Where clocks skipped midnight (São Paulo, 2017-10-15) the day begins at its first real instant:
    fold=0 in a gap names the instant by the offset before it, which falls exactly on its end.
    """
    midnights = [datetime(d.year, d.month, d.day, tzinfo=zone) for d in (day, day + timedelta(1))]
    return [midnight.astimezone(UTC) for midnight in midnights]
