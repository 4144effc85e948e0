"""A cursor is valid only for its merchant and filters, and cannot be forged."""

import base64

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.ledger.errors import InvalidQueryError
from chalicelib.queries import cursors
from chalicelib.queries.entry_list import EntryFilters, page
from chalicelib.queries.read_model import ReadModel
from tests.fixtures.projection import Projection
from verification.kit.generators import entries


@pytest.fixture
def cursor(read_model: ReadModel, projection: Projection, merchant: str) -> str:
    """The cursor of the second page of ten entries."""
    projection.insert(entries(71, 10, [merchant, merchant]))
    next_cursor = page(read_model, merchant, EntryFilters(), 5).next_cursor
    assert next_cursor is not None
    return next_cursor


def test_the_page_size_may_change(read_model: ReadModel, merchant: str, cursor: str) -> None:
    assert len(page(read_model, merchant, EntryFilters(), 3, cursor).items) == 3
    assert len(page(read_model, merchant, EntryFilters(), 200, cursor).items) == 5


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
    read_model: ReadModel, merchant: str, cursor: str, filters: EntryFilters
) -> None:
    with pytest.raises(InvalidQueryError):
        page(read_model, merchant, filters, 5, cursor)


def test_another_merchants_cursor_is_rejected(
    read_model: ReadModel, merchant: str, cursor: str
) -> None:
    with pytest.raises(InvalidQueryError) as raised:
        page(read_model, f"{merchant}-rival", EntryFilters(), 5, cursor)
    assert [error.field for error in raised.value.field_errors] == ["cursor"]


def test_a_cursor_of_another_secret_is_rejected() -> None:
    scope = cursors.scope("padaria", EntryFilters())
    claim = cursors.read(cursors.seal(b"secret", scope, ("2026-11-23",)))
    claim.check(b"secret", scope)
    with pytest.raises(InvalidQueryError):
        claim.check(b"other", scope)


def test_an_altered_cursor_is_rejected(read_model: ReadModel, merchant: str, cursor: str) -> None:
    for place in range(0, len(cursor), 7):
        other = "A" if cursor[place] != "A" else "B"
        altered = cursor[:place] + other + cursor[place + 1 :]
        with pytest.raises(InvalidQueryError):
            page(read_model, merchant, EntryFilters(), 5, altered)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b"[" * 200,
        b'["2026-11-23", "2026-11-23T12:00:00+00:00"]',
        b'["2026-11-23", "2026-11-23T12:00:00", "a"]',
        b'["2026-11-23", "2026-11-23T12:00:00+00:00", "\\u0000"]',
        b'["2026-11-23", "2026-11-23T12:00:00+00:00", "\xff"]',
        b'["2026-02-30", "2026-11-23T12:00:00+00:00", "a"]',
        b'["0001-01-01", "0001-01-01T00:00:00+23:59", "a"]',
        b'["9999-12-31", "9999-12-31T23:59:59-23:59", "a"]',
        b"[1, 2, 3]",
    ],
)
def test_an_unsigned_position_is_rejected(
    read_model: ReadModel, merchant: str, payload: bytes
) -> None:
    forged = base64.urlsafe_b64encode(b"\0" * 16 + payload).rstrip(b"=").decode()
    with pytest.raises(InvalidQueryError):
        page(read_model, merchant, EntryFilters(), 5, forged)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(garbage=st.text(max_size=600))
def test_garbage_is_rejected(read_model: ReadModel, merchant: str, garbage: str) -> None:
    with pytest.raises(InvalidQueryError):
        page(read_model, merchant, EntryFilters(), 5, garbage)
