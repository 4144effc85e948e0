"""Erased texts leave the read model for good, in whatever order records come."""

from typing import Any

import pytest

from chalicelib.projection.project import project
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.plain_sums import expected, held
from tests.fixtures.projection import Projection
from verification.kit.generators import entry, erased, inserted

TEXTS: dict[str, Any] = {
    "description": "Dona Ana, CPF 111.444.777-35",
    "metadata": {"cpf": "111.444.777-35"},
}


def _texts(database: ReadModelDatabase, entry_id: str) -> list[object]:
    return database.run(
        "SELECT description, search_text, metadata FROM entries WHERE entry_id = :entry_id",
        entry_id=entry_id,
    )[0]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_an_erasure_wins_over_the_recording_in_any_order(
    projection: Projection,
    merchant: str,
    read_model_database: ReadModelDatabase,
    order: tuple[int, ...],
    together: bool,
) -> None:
    one = entry(merchant, "personal", **TEXTS)
    records = [(inserted(one), erased(one))[place] for place in order]
    for batch in [records] if together else [[record] for record in records]:
        project(batch, projection.ports)
    projection.forget()
    project(records[:1], projection.ports)
    assert _texts(read_model_database, one.entry_id) == [None, None, {}]
    assert held(read_model_database, [merchant]) == expected([one])


def test_an_erasure_leaves_other_entries_their_texts(
    projection: Projection, merchant: str, read_model_database: ReadModelDatabase
) -> None:
    one, other = entry(merchant, "one", **TEXTS), entry(merchant, "other", **TEXTS)
    assert project([inserted(one), inserted(other)], projection.ports).erased == 0
    outcome = project([erased(one)], projection.ports)
    assert (outcome.erased, outcome.differing, outcome.parked) == (1, 0, 0)
    assert _texts(read_model_database, other.entry_id)[0] == TEXTS["description"]
