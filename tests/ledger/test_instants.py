"""Instants: RFC 3339 with an offset, moments that exist, and the clock's window."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.instants import (
    check_window,
    format_instant,
    isoformat_in_utc,
    parse_instant,
    to_milliseconds,
)
from verification.kit.strategies import SAO_PAULO, moments

NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda n: timezone(timedelta(minutes=n)))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-23T12:00:00-03:00", NOON),
        ("2026-11-23T15:00:00Z", NOON),
        ("2026-11-23t15:00:00z", NOON),
        ("2026-11-23T15:00:00-00:00", NOON),
        ("2026-11-24T04:59:00+13:59", NOON),
        ("2026-11-23T15:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-11-23T15:00:00.123456789Z", NOON + timedelta(microseconds=123456)),
        (f"2026-11-23T15:00:00.123456{'7' * 100_000}Z", NOON + timedelta(microseconds=123456)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_instant_is_parsed(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-11-23", "2026-11-23T12:00:00", "2026-11-23 12:00:00-03:00"),
        *("2026-11-23T12:00-03:00", "2026-11-23T12:00:00-0300", "2026-11-23T12:00:00-03"),
        *("2026-11-23T12:00:00.-03:00", "2026-11-23T12:00:00,5Z", "2026-W48-1T12:00:00Z"),
        *("2026-11-23T12:00:00.123456789_0Z", "２026-11-23T12:00:00Z", "٢٠٢٦-11-23T12:00:00Z"),
        *("2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z"),
        *("2026-11-23T24:00:00Z", "2026-11-23T12:60:00Z", "2026-06-30T23:59:60Z"),
        *("2026-11-23T12:00:00+24:00", "2026-11-23T12:00:00+03:60", "2026-11-23T12:00:00-99:99"),
        *("0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
        *("20261123T120000Z", " 2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z\n"),
        *("2026-11-23T12:00:00Z\x00", "1" * 100_000),
    ],
)
def test_invalid_instant_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as error:
        parse_instant(text)
    assert [field_error.field for field_error in error.value.field_errors] == ["occurred_at"]


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(ValidationError):
        assert parse_instant(text).utcoffset() is not None


@given(moments, st.sampled_from([UTC, SAO_PAULO]) | OFFSETS)
def test_formatted_instant_is_parsed_back(moment: datetime, zone: tzinfo) -> None:
    assert parse_instant(format_instant(moment, zone)) == to_milliseconds(moment)


@given(moments)
def test_milliseconds_are_cut_off(moment: datetime) -> None:
    cut = to_milliseconds(moment)
    assert timedelta(0) <= moment - cut < timedelta(milliseconds=1)
    assert cut == to_milliseconds(cut)


@given(moments, OFFSETS)
def test_fast_isoformat_equals_isoformat(moment: datetime, zone: tzinfo) -> None:
    elsewhere = moment.astimezone(zone)
    assert isoformat_in_utc(elsewhere) == elsewhere.astimezone(UTC).isoformat()


def test_instant_is_formatted_in_a_zone() -> None:
    assert format_instant(NOON) == "2026-11-23T15:00:00.000Z"
    assert format_instant(NOON, SAO_PAULO) == "2026-11-23T12:00:00.000-03:00"


@pytest.mark.parametrize(
    ("occurred", "now"),
    [
        ("2026-11-23T15:05:00Z", "2026-11-23T15:00:00Z"),
        ("2026-11-23T15:00:00Z", "2026-11-23T15:00:00Z"),
        ("2021-11-23T15:00:00Z", "2026-11-23T15:00:00Z"),
        ("2023-02-28T09:00:00Z", "2028-02-29T09:00:00Z"),
        ("2024-02-29T09:00:00Z", "2029-02-28T09:00:00Z"),
    ],
)
def test_moment_in_the_window_is_valid(occurred: str, now: str) -> None:
    check_window(datetime.fromisoformat(occurred), datetime.fromisoformat(now))


@pytest.mark.parametrize(
    ("occurred", "now", "message"),
    [
        ("2026-11-23T15:05:00.000001Z", "2026-11-23T15:00:00Z", "5 minutes"),
        ("9999-12-31T00:00:00Z", "2026-11-23T15:00:00Z", "5 minutes"),
        ("2021-11-23T14:59:59Z", "2026-11-23T15:00:00Z", "5 years"),
        ("0001-01-01T00:00:00Z", "2026-11-23T15:00:00Z", "5 years"),
        ("2023-02-28T08:59:00Z", "2028-02-29T09:00:00Z", "5 years"),
    ],
)
def test_moment_outside_the_window_is_refused(occurred: str, now: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message) as error:
        check_window(datetime.fromisoformat(occurred), datetime.fromisoformat(now))
    assert [field_error.field for field_error in error.value.field_errors] == ["occurred_at"]


@given(moments, moments)
def test_window_holds_for_any_two_moments(occurred: datetime, now: datetime) -> None:
    within = now - timedelta(days=5 * 365 + 1) <= occurred <= now + timedelta(minutes=5)
    try:
        check_window(occurred, now)
    except ValidationError:
        assert not within or occurred < now - timedelta(days=5 * 365)
    else:
        assert within or occurred < now - timedelta(days=5 * 365)
