"""Statements from the real read model: entries in order, running balances, days, the limit."""

from datetime import date, timedelta

import pytest

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.errors import (
    InvalidQueryError,
    ReadModelUnavailableError,
    ValidationError,
)
from chalicelib.ledger.statement import Statement
from chalicelib.queries.statements import StatementQuery, entry_currencies, statement, too_many
from tests.queries.book import DAY, Book
from verification.kit.generators import ZONE, entries
from verification.kit.reference_model import ReferenceLedger


def read(book: Book, first: date, last: date, account: str | None = None) -> Statement:
    query = StatementQuery(book.merchant, first, last, account, "BRL", ZONE)
    return statement(book.read_model, query)


@pytest.mark.parametrize("account", [None, "bank"])
def test_statement_agrees_with_reference_model(book: Book, account: str | None) -> None:
    recorded = entries(41, 400, [book.merchant], days=90)
    book.insert(recorded)
    first = DAY - timedelta(days=45)
    result = read(book, first, DAY, account)
    expected = ReferenceLedger(recorded).balances(book.merchant, first, DAY, account, "BRL")
    assert [tuple(day.balance)[:3] for day in result.days] == [tuple(day) for day in expected]
    assert result.opening_minor == expected[0].opening_minor
    assert result.closing_minor == expected[-1].closing_minor
    chosen = [
        entry
        for entry in recorded
        if first <= entry.day <= DAY
        and entry.currency == "BRL"
        and account in (None, entry.account)
    ]
    assert {line.entry.entry_id for line in result.entries} == {e.entry_id for e in chosen}
    assert result.entries[-1].balance_minor == result.closing_minor


def test_entries_are_oldest_first_with_balance(book: Book) -> None:
    book.add("late", amount_minor=300, occurred_at="2026-11-23T15:00:00-03:00")
    book.add("early", amount_minor=500, occurred_at="2026-11-23T09:00:00-03:00", type="debit")
    book.add("before", amount_minor=70, occurred_at="2026-11-01T09:00:00-03:00")
    result = read(book, date(2026, 11, 22), DAY)
    assert [(line.entry.amount_minor, line.balance_minor) for line in result.entries] == [
        (500, -430),
        (300, -130),
    ]
    assert (result.openings, result.totals) == ({"main": 70}, Totals(300, 500, 2))


def test_empty_book_has_every_day(book: Book) -> None:
    result = read(book, date(2026, 11, 1), date(2026, 11, 30))
    assert (len(result.days), result.entries, result.opening_minor) == (30, (), 0)


def test_currencies_are_those_with_entries_on_the_days(book: Book) -> None:
    for day, currency in ((20, "USD"), (21, "JPY"), (22, "BRL"), (23, "BRL"), (23, "EUR")):
        moment = f"2026-11-{day}T12:00:00-03:00"
        book.add(
            f"{currency}{day}", currency=currency, account=currency.lower(), occurred_at=moment
        )
    first = DAY - timedelta(days=2)
    assert entry_currencies(book.read_model, book.merchant, first, DAY) == ["BRL", "EUR", "JPY"]
    assert entry_currencies(book.read_model, "nobody", first, DAY) == []


def test_more_than_366_days_are_refused(book: Book) -> None:
    with pytest.raises(InvalidQueryError, match="within 366 days"):
        read(book, date(2025, 1, 1), date(2026, 1, 2))


def test_entries_beside_the_totals_are_not_shown(book: Book) -> None:
    book.add("sale", amount_minor=500, occurred_at="2026-11-22T23:30:00-03:00")
    book.projection.database.run(
        "UPDATE day_totals SET credits_minor = 499 WHERE merchant_id = :merchant",
        merchant=book.merchant,
    )
    with pytest.raises(ReadModelUnavailableError, match="do not add up"):
        read(book, DAY - timedelta(days=5), DAY)


@pytest.mark.parametrize("account", [None, "main"])
def test_too_many_entries_are_refused(
    book: Book, account: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.queries.statements.MOST_ENTRIES", 2)
    for day in (21, 22, 23):
        book.add(f"{day}", occurred_at=f"2026-11-{day}T12:00:00-03:00")
    assert len(read(book, DAY - timedelta(days=1), DAY, account).entries) == 2
    with pytest.raises(ValidationError, match="to must be 2026-11-22 or earlier"):
        read(book, DAY - timedelta(days=2), DAY, account)


@pytest.mark.parametrize(
    ("entries_each", "account", "field", "text"),
    [
        (
            8_000,
            None,
            "to",
            "to must be 2026-11-07 or earlier in GET /v1/statements: at most 20,000 entries",
        ),
        (20_001, None, "account", "2026-11-03 alone has more than the 20,000 entries that fit"),
        (20_001, "main", "from", "must be another day, because 2026-11-03 alone has more than"),
    ],
)
def test_too_many_entries_name_what_fits(
    entries_each: int, account: str | None, field: str, text: str
) -> None:
    days = {date(2026, 11, day): Totals(1, 0, entries_each) for day in (3, 7, 9)}
    error = too_many(days, 20_000, account)
    assert (error.field_errors[0].field, text in error.detail) == (field, True)
