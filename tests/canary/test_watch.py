"""The metrics of journeys, and when a closing is overdue."""

import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.canary.journey import Request, Response
from chalicelib.canary.watch import journey_name, watch
from tests.canary.book import Book

ZONE = ZoneInfo("America/Sao_Paulo")
YESTERDAY, TODAY = date(2026, 11, 22), date(2026, 11, 23)


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    return {name: figure for line in lines for name, figure in line.items()}


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=ZONE)


def book_of_two_days(closed: bool) -> Book:
    book = Book(today=YESTERDAY)
    book.entry("yesterday")
    book.send(Request("/v1/entries/id-of-yesterday/reversal", {"reason": "canary"}, "undo"))
    book.today = TODAY
    book.closed = {YESTERDAY} if closed else set()
    return book


def test_success_is_counted_as_zero(capsys: pytest.CaptureFixture[str]) -> None:
    watch(Book().send, at(12, 0))
    fields = counted(capsys)
    assert (fields["CanaryFailed"], fields["NightOverdue"], fields["undone"]) == (0, 0, 0)


def test_failure_is_counted_with_its_step(capsys: pytest.CaptureFixture[str]) -> None:
    watch(Book(late_reads=100).send, at(12, 0))
    fields = counted(capsys)
    assert (fields["CanaryFailed"], fields["step"]) == (1, "balance")
    assert "NightOverdue" not in fields


def test_own_error_is_counted_and_raised(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyError):
        watch(lambda _request: Response(201, {}), at(12, 0))
    assert counted(capsys)["CanaryFailed"] == 1


@pytest.mark.parametrize(
    ("hour", "minute", "closed", "overdue"),
    [(2, 29, False, 0), (2, 30, False, 1), (23, 59, False, 1), (2, 30, True, 0), (0, 1, False, 0)],
)
def test_closing_is_overdue_from_half_past_two(
    hour: int, minute: int, closed: bool, overdue: int, capsys: pytest.CaptureFixture[str]
) -> None:
    watch(book_of_two_days(closed).send, at(hour, minute))
    assert counted(capsys)["NightOverdue"] == overdue


def test_five_minutes_are_one_journey() -> None:
    names = {journey_name(at(12, minute)) for minute in range(5)}
    assert names == {"canary-20261123T1500Z"}
    assert journey_name(at(12, 5)) == "canary-20261123T1505Z"
    autumn = [datetime(2018, 2, 17, 23, 30, fold=fold, tzinfo=ZONE) for fold in (0, 1)]
    assert journey_name(autumn[0]) != journey_name(autumn[1])
