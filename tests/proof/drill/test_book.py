"""What was accepted is added up plainly."""

from typing import Any

from proof.drill.book import Accepted, Book, minor_units


def accepted(entry_id: str, amount: str, **more: Any) -> Accepted:
    answer = {
        "id": entry_id,
        "type": "credit",
        "amount": amount,
        "currency": "BRL",
        "account": "main",
        "day": "2026-11-23",
        "reversed_by": None,
    }
    return Accepted("padaria", entry_id, {}, answer | more)


def test_sums_are_by_line_and_day_with_debits_taken_off() -> None:
    book = Book()
    book.accept(accepted("a", "10.00"))
    book.accept(accepted("b", "2.50", type="debit"))
    book.accept(accepted("c", "700", currency="JPY", day="2026-11-22"))
    assert book.sums() == {
        ("padaria", "main", "BRL"): {"2026-11-23": 750},
        ("padaria", "main", "JPY"): {"2026-11-22": 700},
    }


def test_an_entry_that_is_answered_again_counts_once() -> None:
    book = Book()
    book.accept(accepted("a", "10.00"))
    book.accept(accepted("a", "10.00", reversed_by="b"))
    assert book.sums()["padaria", "main", "BRL"] == {"2026-11-23": 1000}
    assert not book.contradictions


def test_an_entry_that_is_answered_in_two_ways_is_a_contradiction() -> None:
    book = Book()
    book.accept(accepted("a", "10.00"))
    book.accept(accepted("a", "10.01"))
    assert book.contradictions == ["a was answered in two ways"]


def test_minor_units_are_the_digits() -> None:
    assert minor_units("-12.05") == -1205
    assert minor_units("1500") == 1500
