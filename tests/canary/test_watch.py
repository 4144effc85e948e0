"""What is counted of journeys, and when a night counts as overdue."""

import json
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib.canary.journey import Reply, Request
from chalicelib.canary.watch import journey_name, watch
from tests.canary.book import Book

ZONE = ZoneInfo("America/Sao_Paulo")
YESTERDAY, TODAY = date(2026, 11, 22), date(2026, 11, 23)


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for line in capsys.readouterr().out.splitlines():
        result |= json.loads(line)
    return result


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=ZONE)


def book_of_two_days(closed: bool) -> Book:
    book = Book(today=YESTERDAY)
    book.entry("yesterday")
    book.ask(Request("/v1/entries/id-of-yesterday/reversal", {"reason": "canary"}, "undo"))
    book.today = TODAY
    book.closed = {YESTERDAY} if closed else set()
    return book


def test_a_journey_that_gets_through_is_counted_as_no_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watch(Book().ask, at(12, 0))
    text = counted(capsys)
    assert (text["CanaryFailed"], text["NightOverdue"], text["undone"]) == (0, 0, 0)


def test_a_journey_that_is_lost_is_counted_with_its_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watch(Book(late_looks=100).ask, at(12, 0))
    text = counted(capsys)
    assert (text["CanaryFailed"], text["step"]) == (1, "balance")
    assert "NightOverdue" not in text


def test_a_fault_of_our_own_is_counted_and_raised(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_request: Request) -> Reply:
        return Reply(201, {})

    with pytest.raises(KeyError):
        watch(broken, at(12, 0))
    assert counted(capsys)["CanaryFailed"] == 1


@pytest.mark.parametrize(
    ("hour", "minute", "closed", "overdue"),
    [(2, 29, False, 0), (2, 30, False, 1), (23, 59, False, 1), (2, 30, True, 0), (0, 1, False, 0)],
)
def test_the_night_is_overdue_from_half_past_two(
    hour: int, minute: int, closed: bool, overdue: int, capsys: pytest.CaptureFixture[str]
) -> None:
    watch(book_of_two_days(closed).ask, at(hour, minute))
    assert counted(capsys)["NightOverdue"] == overdue


def test_a_book_without_entries_yesterday_has_no_night(capsys: pytest.CaptureFixture[str]) -> None:
    watch(Book().ask, at(12, 0))
    assert counted(capsys)["NightOverdue"] == 0


def test_all_of_five_minutes_are_one_journey() -> None:
    names = {journey_name(at(12, minute)) for minute in range(5)}
    assert names == {"canary-20261123T1500Z"}
    assert journey_name(at(12, 5)) == "canary-20261123T1505Z"
    autumn = [datetime(2018, 2, 17, 23, 30, fold=fold, tzinfo=ZONE) for fold in (0, 1)]
    assert journey_name(autumn[0]) != journey_name(autumn[1])
