"""Connections as the roles of the read model."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from tests.fixtures.database import ReadModelDatabase

Connect = Callable[[str], Any]


@pytest.fixture
def connect(read_model_database: ReadModelDatabase) -> Iterator[Connect]:
    """Connect as a role; the connections are closed after the test."""
    with ExitStack() as opened:
        yield lambda role: opened.enter_context(closing(read_model_database.connect(role)))


@pytest.fixture
def reader(connect: Connect) -> Any:
    return connect("livro_reader")


@pytest.fixture
def closer(connect: Connect) -> Any:
    return connect("livro_closer")
