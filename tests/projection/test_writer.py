"""Any text reaches PostgreSQL unchanged."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.storage.postgres import Connections, texts
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import connections

_ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
_ODD = st.sampled_from(["", "NULL", "null", "{}", '"', "\\", "a,b", "{a}", " ", "\n", "'"])


@pytest.fixture
def database_connections(read_model_database: ReadModelDatabase) -> Iterator[Connections]:
    opened = connections(read_model_database)
    yield opened
    opened.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | _ODD | _ANY_TEXT, max_size=8))
def test_any_texts_arrive_unchanged(
    database_connections: Connections, sent: list[str | None]
) -> None:
    statement = "SELECT received FROM unnest(CAST(:sent AS text[])) AS received"
    rows = database_connections.use(lambda session: session.rows(statement, sent=texts(sent)))
    assert [text for (text,) in rows] == sent
