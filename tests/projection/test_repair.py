"""A repair of the night: on a session of its own, with time enough for a large merchant."""

from collections.abc import Collection, Sequence
from types import SimpleNamespace

import pytest

from chalicelib.projection import repair as room
from chalicelib.projection.project import project
from chalicelib.projection.repairer import Ask, Repaired, Repairer
from chalicelib.runtime import clients, settings
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.plain_sums import expected, held
from tests.fixtures.projection import projection_over
from verification.kit.generators import entries, inserted


class Telling(Repairer):
    """A repairer that tells how long the server lets one of its statements run."""

    limits: list[str]

    def repair(self, merchants: Collection[str], entry_ids: Sequence[str], ask: Ask) -> Repaired:
        shown = self._connections.use(lambda session: session.rows("SHOW statement_timeout"))
        self.limits.append(shown[0][0])
        return super().repair(merchants, entry_ids, ask)


def test_counting_a_large_merchant_may_take_minutes(
    emptied_read_model_database: ReadModelDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = emptied_read_model_database
    recorded = entries(43, 20, ("padaria",))
    projection = projection_over(database)
    project([inserted(one) for one in recorded], projection.ports)
    projection.connections.close()
    database.run("UPDATE day_totals SET credits_minor = credits_minor + 1")
    monkeypatch.setattr(clients, "database", lambda role, _seconds: database.connect(role))
    monkeypatch.setattr(clients, "aws", lambda _service: None)
    result = SimpleNamespace(entries_table="entries")
    monkeypatch.setattr(settings, "current", lambda: result)
    Telling.limits = []
    monkeypatch.setattr(room, "Repairer", Telling)
    room.repair(["padaria"], [])
    assert Telling.limits == ["5min"]
    assert held(database, ("padaria",)) == expected(recorded)
