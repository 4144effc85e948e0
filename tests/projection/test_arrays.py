"""Any text reaches PostgreSQL as it is."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.projection.arrays import texts
from chalicelib.storage.postgres import Connections
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import connections

_ANY_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
_ODD = st.sampled_from(["", "NULL", "null", "{}", '"', "\\", "a,b", "{a}", " ", "\n", "'"])


@pytest.fixture
def kept(read_model_database: ReadModelDatabase) -> Iterator[Connections]:
    one = connections(read_model_database)
    yield one
    one.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | _ODD | _ANY_TEXT, max_size=8))
def test_any_texts_come_back_as_they_went(kept: Connections, sent: list[str | None]) -> None:
    statement = "SELECT told FROM unnest(CAST(:sent AS text[])) AS told"
    rows = kept.use(lambda session: session.rows(statement, sent=texts(sent)))
    assert [result for (result,) in rows] == sent
