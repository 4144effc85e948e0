"""A canary's journey, and every step at which it can be lost."""

from datetime import date
from typing import Any

import pytest

from chalicelib.canary.journey import Arrived, Lost, Reply, Request, travel
from tests.canary.book import Book

YESTERDAY = date(2026, 11, 22)


def on(path: str, **changes: Any) -> Any:
    """Return a twist of what is answered to a path: other fields, or another status."""

    def twist(request: Request, reply: Reply) -> Reply:
        if path not in request.path:
            return reply
        status = changes.get("status", reply.status)
        return Reply(status, {**reply.body, **changes.get("body", {})})

    return twist


def lost(book: Book, name: str = "canary-1") -> Lost:
    with pytest.raises(Lost) as caught:
        travel(book.ask, name)
    return caught.value


def test_a_journey_is_an_entry_its_balance_its_reversal_and_a_balance_of_zero() -> None:
    book = Book()
    assert travel(book.ask, "canary-1") == Arrived(undone=0, yesterday_closed=None)
    assert [one.path.partition("?")[0] for one in book.asked] == [
        "/v1/entries",
        "/v1/daily-balances",
        "/v1/entries/id-of-canary-1/reversal",
        "/v1/daily-balances",
    ]
    assert sorted(book.entries) == ["canary-1", "canary-1-undo"]


def test_the_same_journey_twice_records_one_entry() -> None:
    book = Book()
    assert travel(book.ask, "canary-1") == travel(book.ask, "canary-1")
    assert len(book.entries) == 2


def test_a_balance_that_comes_a_little_late_is_waited_for() -> None:
    book = Book(late_looks=3)
    travel(book.ask, "canary-1")
    assert len(book.asked) == 4 + 3


def test_a_balance_that_never_has_the_entry_is_told() -> None:
    result = lost(Book(late_looks=100))
    assert (result.step, str(result)) == (
        "balance",
        "the entry was not in the balance after 5 looks",
    )


@pytest.mark.parametrize(
    ("path", "step", "said"),
    [
        ("/v1/entries", "record", "answered 503 instead of 201"),
        ("/v1/daily-balances", "balance", "answered 503 instead of 200"),
        ("/reversal", "reverse", "answered 503 instead of 201"),
    ],
)
def test_an_answer_of_another_status_ends_the_journey_there(
    path: str, step: str, said: str
) -> None:
    result = lost(Book(twists=[on(path, status=503)]))
    assert (result.step, str(result)) == (step, said)


def test_a_balance_that_does_not_add_up_is_told() -> None:
    def wrong(request: Request, reply: Reply) -> Reply:
        if "balances" not in request.path:
            return reply
        yesterday, today = reply.body["items"]
        return Reply(200, {**reply.body, "items": [yesterday, today | {"closing": "0.02"}]})

    assert "are not the closing balance" in str(lost(Book(twists=[wrong])))


def test_days_that_do_not_follow_one_another_are_told() -> None:
    def wrong(request: Request, reply: Reply) -> Reply:
        if "balances" not in request.path:
            return reply
        yesterday, today = reply.body["items"]
        off = yesterday | {"opening": "1.00", "closing": "1.00"}
        return Reply(200, {**reply.body, "items": [off, today]})

    assert "does not open" in str(lost(Book(twists=[wrong])))


def test_what_a_broken_journey_left_behind_is_reversed_by_the_next() -> None:
    book = Book()
    book.twists = [on("/reversal", status=504)]
    lost(book)
    book.entries["canary-1"]["reversed_by"] = None
    del book.entries["canary-1-undo"]
    book.twists = []
    assert travel(book.ask, "canary-2").undone == 1
    assert book.entries["canary-1"]["reversed_by"] == "id-of-undo-id-of-canary-1"
    assert travel(book.ask, "canary-3").undone == 0


def test_more_than_one_journey_can_reverse_is_reversed_by_several() -> None:
    book = Book()
    for number in range(23):
        book.entry(f"left-{number}")
    assert "is not zero after" in str(lost(book))
    assert travel(book.ask, "canary-2").undone == 3


def test_a_balance_that_is_off_without_any_entry_to_blame_is_told() -> None:
    def wrong(request: Request, reply: Reply) -> Reply:
        if "balances" not in request.path:
            return reply
        yesterday, today = reply.body["items"]
        shifted = {"opening": "0.05", "credits": "0.01", "debits": "0.01", "closing": "0.05"}
        off = {"opening": "0.05", "credits": "0.00", "debits": "0.00", "closing": "0.05"}
        return Reply(200, {**reply.body, "items": [yesterday | off, today | shifted]})

    assert "every entry is reversed" in str(lost(Book(twists=[wrong])))


@pytest.mark.parametrize("is_closed", [True, False])
def test_yesterday_is_closed_or_not(is_closed: bool) -> None:
    book = Book(today=YESTERDAY)
    travel(book.ask, "canary-0")
    book.today = date(2026, 11, 23)
    book.closed = {YESTERDAY} if is_closed else set()
    assert travel(book.ask, "canary-1").yesterday_closed is is_closed


def test_an_entry_before_midnight_and_its_reversal_after_leave_zero() -> None:
    book = Book(today=YESTERDAY)

    def midnight(request: Request, reply: Reply) -> Reply:
        book.today = date(2026, 11, 23)
        return reply

    book.twists = [midnight]
    assert travel(book.ask, "canary-1").undone == 0
