"""Days and times of bank files: calendar dates, instants of another day, and what is no date."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bank_files.bank_file import Calendar
from chalicelib.bank_files.days import (
    DayOrder,
    Moment,
    day_order,
    needs_order,
    parse_ofx,
    parse_written,
)
from chalicelib.bank_files.errors import RowError
from tests.bank_files.examples import CALENDAR


def parse_day_first(text: str, calendar: Calendar) -> Moment:
    return parse_written(text, "day-first", calendar)


@pytest.mark.parametrize(
    ("text", "day", "occurred_at"),
    [
        ("20261006", "2026-10-06", None),
        ("2026-10-06", "2026-10-06", None),
        ("20261006000000[-3:GMT]", "2026-10-06", None),
        ("20261015120000.000[-3:BRT]", "2026-10-15", None),
        ("20261016000000[0:GMT]", "2026-10-16", None),
        ("20261016013000[0:GMT]", "2026-10-15", "2026-10-16T01:30:00+00:00"),
        ("20261016233000[-03:EST]", "2026-10-16", "2026-10-16T23:30:00-03:00"),
        ("20261016010000[5.30:IST]", "2026-10-15", "2026-10-16T01:00:00+05:30"),
        ("20261016010000[-3.5]", "2026-10-16", "2026-10-16T01:00:00-03:30"),
        ("20261016080000", "2026-10-16", "2026-10-16T08:00:00-03:00"),
        ("20261016250000[99:X]", "2026-10-16", None),
        ("99991231233000[-12:X]", "9999-12-31", None),
        ("20261016013000Z", "2026-10-15", "2026-10-16T01:30:00+00:00"),
        ("20261016013000-0300", "2026-10-16", "2026-10-16T01:30:00-03:00"),
        ("2026-10-16T01:30:00.5+01:00", "2026-10-15", "2026-10-16T01:30:00+01:00"),
        ("2026-10-16 08:00:00", "2026-10-16", "2026-10-16T08:00:00-03:00"),
        ("20261016-0300", "2026-10-16", None),
    ],
)
def test_ofx_date_has_its_business_day(text: str, day: str, occurred_at: str | None) -> None:
    moment = parse_ofx(text, CALENDAR)
    assert moment.day == date.fromisoformat(day)
    assert (moment.occurred_at and moment.occurred_at.isoformat()) == occurred_at


@pytest.mark.parametrize(
    ("text", "order", "day", "occurred_at"),
    [
        ("05/10/2026", "day-first", "2026-10-05", None),
        ("05/10/2026", "month-first", "2026-05-10", None),
        ("5-1-2026", "day-first", "2026-01-05", None),
        ("05.10.26", "day-first", "2026-10-05", None),
        ("2026-10-05", "month-first", "2026-10-05", None),
        ("20261005", "day-first", "2026-10-05", None),
        ("21/08/2026 08:24", "day-first", "2026-08-21", "2026-08-21T08:24:00-03:00"),
        ("21/08/2026 às 23:59:59", "day-first", "2026-08-21", "2026-08-21T23:59:59-03:00"),
        ("2026-10-16T01:30:00Z", "day-first", "2026-10-15", "2026-10-16T01:30:00+00:00"),
        ("2026-10-16T12:00:00-03:00", "day-first", "2026-10-16", None),
    ],
)
def test_written_date_has_its_day(
    text: str, order: DayOrder, day: str, occurred_at: str | None
) -> None:
    moment = parse_written(text, order, CALENDAR)
    assert moment.day == date.fromisoformat(day)
    assert (moment.occurred_at and moment.occurred_at.isoformat()) == occurred_at


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it has no day"),
        ("00000000", "it has no day"),
        ("00/00/0000", "it has no day"),
        ("31/02/2026", "the day “31/02/2026” does not exist"),
        ("05/10", "the day “05/10” does not exist"),
        ("amanhã", "the day “amanhã” does not exist"),
    ],
)
def test_reason_says_what_day_is_missing(text: str, reason: str) -> None:
    for parse in (parse_ofx, parse_day_first):
        with pytest.raises(RowError) as raised:
            parse(text, CALENDAR)
        assert str(raised.value) == reason


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["01/02/2026", "13/02/2026"], "day-first"),
        (["02/01/2009", "02/13/2009"], "month-first"),
        (["01/02/2026"], None),
        (["13/01/2026", "01/13/2026"], None),
        (["2026-10-13", "", "saldo"], None),
    ],
)
def test_file_shows_the_order_of_dates(dates: list[str], order: DayOrder | None) -> None:
    assert day_order(dates) == order


@pytest.mark.parametrize(
    ("text", "needs"),
    [("10/05/2026", True), ("10/10/2026", False), ("13/05/2026", False), ("2026-10-05", False)],
)
def test_order_matters_for_some_dates(text: str, *, needs: bool) -> None:
    assert needs_order(text) == needs


@given(st.text("0123456789/-.:[]TZ +[", max_size=30))
def test_any_text_is_a_day_or_refused(text: str) -> None:
    for parse in (parse_ofx, parse_day_first):
        try:
            parse(text, CALENDAR)
        except RowError as error:
            assert str(error).startswith(("it has no day", "the day “"))
