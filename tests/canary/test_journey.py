"""A canary's journey, and each step at which it can fail."""

from datetime import date
from typing import Any

import pytest

from chalicelib.canary.journey import (
    JourneyFailedError,
    JourneyResult,
    Request,
    Response,
    run_journey,
)
from tests.canary.book import Book

YESTERDAY = date(2026, 11, 22)


def on(path: str, **changes: Any) -> Any:
    """Return a twist of the responses to a path: other fields, or another status."""

    def twist(request: Request, response: Response) -> Response:
        if path not in request.path:
            return response
        status = changes.get("status", response.status)
        return Response(status, {**response.body, **changes.get("body", {})})

    return twist


def balance(opening: str, credits: str, debits: str, closing: str) -> dict[str, str]:
    return {"opening": opening, "credits": credits, "debits": debits, "closing": closing}


def failure(book: Book, name: str = "canary-1") -> JourneyFailedError:
    with pytest.raises(JourneyFailedError) as caught:
        run_journey(book.send, name)
    return caught.value


def test_journey_records_and_reverses_an_entry() -> None:
    book = Book()
    assert run_journey(book.send, "canary-1") == JourneyResult(undone=0, yesterday_closed=None)
    assert [request.path.partition("?")[0] for request in book.requests] == [
        "/v1/entries",
        "/v1/daily-balances",
        "/v1/entries/id-of-canary-1/reversal",
        "/v1/daily-balances",
    ]
    assert sorted(book.entries) == ["canary-1", "canary-1-undo"]


def test_repeated_journey_records_one_entry() -> None:
    book = Book()
    assert run_journey(book.send, "canary-1") == run_journey(book.send, "canary-1")
    assert len(book.entries) == 2


def test_late_balance_is_awaited() -> None:
    book = Book(late_reads=3)
    run_journey(book.send, "canary-1")
    assert len(book.requests) == 4 + 3


def test_missing_entry_fails() -> None:
    result = failure(Book(late_reads=100))
    assert (result.step, str(result)) == ("balance", "5 reads did not include the entry")


@pytest.mark.parametrize(
    ("path", "step", "reason"),
    [
        ("/v1/entries", "record", "returned 503 instead of 201"),
        ("/v1/daily-balances", "balance", "returned 503 instead of 200"),
        ("/reversal", "reverse", "returned 503 instead of 201"),
    ],
)
def test_other_status_fails_its_step(path: str, step: str, reason: str) -> None:
    result = failure(Book(twists=[on(path, status=503)]))
    assert (result.step, str(result)) == (step, reason)


@pytest.mark.parametrize(
    ("before", "today", "reason"),
    [
        ({}, {"closing": "0.02"}, "is not the closing balance"),
        (balance("1.00", "0.00", "0.00", "1.00"), {}, "opening is not the closing"),
        (
            balance("0.05", "0.00", "0.00", "0.05"),
            balance("0.05", "0.01", "0.01", "0.05"),
            "every entry is reversed",
        ),
    ],
)
def test_wrong_balance_fails(before: dict[str, str], today: dict[str, str], reason: str) -> None:
    def wrong(request: Request, response: Response) -> Response:
        if "balances" not in request.path:
            return response
        days = zip(response.body["items"], (before, today), strict=True)
        items = [right | changes for right, changes in days]
        return Response(200, {**response.body, "items": items})

    assert reason in str(failure(Book(twists=[wrong])))


def test_leftovers_are_reversed_by_the_next() -> None:
    book = Book()
    book.twists = [on("/reversal", status=504)]
    failure(book)
    book.entries["canary-1"]["reversed_by"] = None
    del book.entries["canary-1-undo"]
    book.twists = []
    assert run_journey(book.send, "canary-2").undone == 1
    assert book.entries["canary-1"]["reversed_by"] == "id-of-undo-id-of-canary-1"
    assert run_journey(book.send, "canary-3").undone == 0


def test_many_leftovers_take_several_journeys() -> None:
    book = Book()
    for number in range(23):
        book.entry(f"left-{number}")
    assert "is not zero after" in str(failure(book))
    assert run_journey(book.send, "canary-2").undone == 3


def test_days_of_broken_reversals_are_undone() -> None:
    book = Book()
    for number in range(1152):  # four days, after which nobody looked for 300 journeys
        book.entry(f"left-{number}")
    for number in range(300):
        _reversed_by_hand(book, f"good-{number}")
    for number in range(57):
        assert "is not zero after 20" in str(failure(book, f"canary-{number}"))
    assert run_journey(book.send, "canary-57").undone == 12
    assert run_journey(book.send, "canary-58").undone == 0


def _reversed_by_hand(book: Book, key: str) -> None:
    book.entry(key).body["reversed_by"] = f"id-of-{key}-undo"  # type: ignore[index]
    book.entry(f"{key}-undo", "debit", f"id-of-{key}")


@pytest.mark.parametrize("is_closed", [True, False])
def test_closing_of_yesterday_is_returned(is_closed: bool) -> None:
    book = Book(today=YESTERDAY)
    run_journey(book.send, "canary-0")
    book.today = date(2026, 11, 23)
    book.closed = {YESTERDAY} if is_closed else set()
    assert run_journey(book.send, "canary-1").yesterday_closed is is_closed


def test_journey_across_midnight_leaves_zero() -> None:
    book = Book(today=YESTERDAY)

    def midnight(request: Request, response: Response) -> Response:
        book.today = date(2026, 11, 23)
        return response

    book.twists = [midnight]
    assert run_journey(book.send, "canary-1").undone == 0


def test_undone_counts_only_reversed_leftovers() -> None:
    book = Book()
    for number in range(21):
        book.entry(f"left-{number}")
    book.entry("stray", "debit")  # 20 reversals and this debit make the balance zero
    assert run_journey(book.send, "canary-1").undone == 20
