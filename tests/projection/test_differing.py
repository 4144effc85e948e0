"""The same id with another content changes nothing and raises the alarm."""

import pytest

from chalicelib.projection.project import project
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.plain_sums import expected, held
from tests.fixtures.projection import Projection, printed
from verification.kit.generators import altered, entry, inserted


@pytest.mark.parametrize("together", [True, False])
def test_another_content_under_the_same_id_alarms_and_changes_nothing(
    projection: Projection,
    merchant: str,
    read_model_database: ReadModelDatabase,
    capsys: pytest.CaptureFixture[str],
    together: bool,
) -> None:
    one = entry(merchant, "one")
    records = [inserted(one), inserted(altered(one), number=1)]
    batches = [records] if together else [records[:1], records[1:]]
    outcomes = [project(batch, projection.ports) for batch in batches]
    assert outcomes[-1].differing == 1
    lines = printed(capsys)
    assert {"event": "entry_differs", "entry_id": one.entry_id} in lines
    assert any(line.get("EntriesDiffering") == 1 for line in lines)
    assert held(read_model_database, [merchant]) == expected([one])
