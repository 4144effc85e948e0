"""The book of a test."""

import pytest

from chalicelib.queries.read_model import ReadModel
from tests.fixtures.projection import Projection
from tests.queries.book import Book


@pytest.fixture
def book(merchant: str, projection: Projection, read_model: ReadModel) -> Book:
    """A merchant without entries."""
    return Book(merchant, projection, read_model)
