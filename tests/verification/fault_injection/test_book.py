"""What was accepted is added up plainly, from what was sent and not from what was answered."""

from dataclasses import replace

from tests.verification.fault_injection.answers import BODY, accepted
from verification.fault_injection.book import Book


def test_sums_are_by_line_and_day_with_debits_taken_off() -> None:
    book = Book()
    book.accept(accepted("a", BODY))
    book.accept(accepted("b", BODY | {"amount": "2.50", "type": "debit"}))
    earlier = {"occurred_at": "2026-11-22T10:00:00-03:00"}
    yen = BODY | earlier | {"amount": "700", "currency": "JPY"}
    book.accept(accepted("c", yen, day="2026-11-22"))
    assert book.sums() == {
        ("padaria", "main", "BRL"): {"2026-11-23": 750},
        ("padaria", "main", "JPY"): {"2026-11-22": 700},
    }
    assert not book.contradictions


def test_an_entry_that_is_answered_again_counts_once() -> None:
    book = Book()
    book.accept(accepted("a"))
    book.accept(accepted("a", reversed_by="b"))
    assert book.sums()["padaria", "main", "BRL"] == {"2026-11-23": 1000}
    assert len(book.of_merchant("padaria")) == 1
    assert not book.contradictions


def test_an_entry_that_is_answered_in_two_ways_is_a_contradiction() -> None:
    book = Book()
    book.accept(accepted("a"))
    book.accept(accepted("a", metadata={"x": "y"}))
    assert book.contradictions == ["a was answered in two ways"]


def test_one_id_for_two_merchants_is_a_contradiction() -> None:
    book = Book()
    book.accept(accepted("a"))
    book.accept(replace(accepted("a"), merchant="rival"))
    assert book.contradictions == ["a was answered in two ways"]


def test_an_answer_that_differs_from_what_was_sent_is_a_contradiction_and_is_not_believed() -> None:
    book = Book()
    book.accept(accepted("a", amount="1.00"))
    assert book.contradictions == ["a of padaria: amount must be 10.00, and is 1.00"]
    assert book.sums()["padaria", "main", "BRL"] == {"2026-11-23": 1000}
