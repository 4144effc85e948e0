"""A cursor is valid only for its merchant and filters, and cannot be forged."""

import base64
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.ledger.errors import InvalidQueryError
from chalicelib.queries import cursors
from chalicelib.queries.entry_list import EntryFilters
from tests.queries.book import Book
from verification.kit.generators import entries


@pytest.fixture
def cursor(book: Book) -> str:
    """The cursor of the second page of ten entries."""
    book.insert(entries(71, 10, [book.merchant] * 2))
    next_cursor = book.page(5).next_cursor
    assert next_cursor is not None
    return next_cursor


def test_the_page_size_may_change(book: Book, cursor: str) -> None:
    assert len(book.page(3, cursor).items) == 3
    assert len(book.page(200, cursor).items) == 5


@pytest.mark.parametrize(
    "filters",
    [
        EntryFilters(account="main"),
        EntryFilters(currency="BRL"),
        EntryFilters(type="credit"),
        EntryFilters(category="sales"),
        EntryFilters(q="venda"),
    ],
)
def test_a_cursor_of_other_filters_is_rejected(
    book: Book, cursor: str, filters: EntryFilters
) -> None:
    with pytest.raises(InvalidQueryError):
        book.page(5, cursor, filters)


def test_another_merchants_cursor_is_rejected(book: Book, cursor: str) -> None:
    with pytest.raises(InvalidQueryError) as raised:
        replace(book, merchant=f"{book.merchant}-rival").page(5, cursor)
    assert [error.field for error in raised.value.field_errors] == ["cursor"]


def test_a_cursor_of_another_secret_is_rejected() -> None:
    scope = cursors.scope("padaria", EntryFilters())
    claim = cursors.read(cursors.seal(b"secret", scope, ("2026-11-23",)))
    claim.check(b"secret", scope)
    with pytest.raises(InvalidQueryError):
        claim.check(b"other", scope)


def test_an_altered_cursor_is_rejected(book: Book, cursor: str) -> None:
    for place in range(0, len(cursor), 7):
        other = "A" if cursor[place] != "A" else "B"
        with pytest.raises(InvalidQueryError):
            book.page(5, cursor[:place] + other + cursor[place + 1 :])


@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"[]", b"null", b"[" * 200, b"[1, 2, 3]"),
        b'["2026-11-23", "2026-11-23T12:00:00+00:00"]',
        b'["2026-11-23", "2026-11-23T12:00:00", "a"]',
        b'["2026-11-23", "2026-11-23T12:00:00+00:00", "\\u0000"]',
        b'["2026-11-23", "2026-11-23T12:00:00+00:00", "\xff"]',
        b'["2026-02-30", "2026-11-23T12:00:00+00:00", "a"]',
        b'["0001-01-01", "0001-01-01T00:00:00+23:59", "a"]',
        b'["9999-12-31", "9999-12-31T23:59:59-23:59", "a"]',
    ],
)
def test_an_unsigned_position_is_rejected(book: Book, payload: bytes) -> None:
    forged = base64.urlsafe_b64encode(b"\0" * 16 + payload).rstrip(b"=").decode()
    with pytest.raises(InvalidQueryError):
        book.page(5, forged)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.text(max_size=600))
def test_garbage_is_rejected(book: Book, garbage: str) -> None:
    with pytest.raises(InvalidQueryError):
        book.page(5, garbage)
