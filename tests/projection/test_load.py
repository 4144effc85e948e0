"""An empty read model is loaded: equal to a comparing rebuild, and never read in part."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from chalicelib.ledger.errors import ReadModelUnavailableError, ValidationError
from chalicelib.projection import load
from chalicelib.projection.loader import LoadEndedError, Loader
from chalicelib.projection.repairer import Repairer
from chalicelib.queries.daily_balances import BalanceQuery
from chalicelib.queries.read_model import ReadModel
from chalicelib.storage.postgres import Connections, Session
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.memory_ledger import MemoryLedger
from tests.fixtures.projection import Projection, connections
from tests.fixtures.rebuilding import rebuilt
from verification.kit.generators import entries, item

MERCHANTS = ("padaria", "rival", "third")
RECORDED = entries(31, 240, MERCHANTS)
LATE = entries(32, 12, MERCHANTS)
TABLES = {
    "entries": "*",
    "merchants": "*",
    "day_totals": "*",
    "month_totals": "*",
    "year_totals": "*",
    "category_totals": "*",
    "unsealed_days": "merchant_id, day",
}
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename = 'entries' ORDER BY 1"
FLAG = "INSERT INTO unfinished_rebuild (loads) VALUES ('entries')"
TODAY = BalanceQuery("padaria", date(2026, 1, 1), date(2026, 12, 31), None, "BRL")


class KilledError(Exception):
    """The process ended."""


@dataclass
class Mortal:
    """The connection of a process that ends at its call number `last`, before or after it."""

    connections: Connections
    last: int
    is_done: bool
    calls: int = field(default=0)

    def use(self, work: Callable[[Session], Any]) -> Any:
        self.calls += 1
        if self.calls < self.last:
            return self.connections.use(work)
        if self.is_done:
            self.connections.use(work)
        raise KilledError

    def begin_with(self, settings: str) -> None:
        self.connections.begin_with(settings)


@pytest.fixture
def empty(emptied: Projection) -> Iterator[Projection]:
    """A read model that began empty; a new one has this row after its migrations."""
    emptied.database.run("DELETE FROM unsealed_days")
    emptied.database.run("DELETE FROM unfinished_rebuild")
    emptied.database.run(FLAG)
    yield emptied
    emptied.database.run("DELETE FROM unfinished_rebuild")


@pytest.fixture
def reads(empty: Projection) -> Iterator[ReadModel]:
    opened = connections(empty.database, "livro_reader")
    yield ReadModel(opened)
    opened.close()


def loaded(database: ReadModelDatabase, ledger: MemoryLedger) -> load.Place:
    """Load everything, in steps as short as can be."""
    loader = Loader(connections(database))
    place = load.begin(loader)
    assert place is not None
    while place.phase != "done":
        place = load.resume(ledger, loader, load.decode(load.encode(place)), lambda: False)
    loader.end_rebuild(place.began_at)
    loader.close()
    return place


def content(database: ReadModelDatabase) -> dict[str, Any]:
    """Return all rows that a rebuild makes, and the indexes of entries."""
    rows = {
        name: database.run(f"SELECT {columns} FROM {name} AS t ORDER BY t::text")
        for name, columns in TABLES.items()
    }
    return {**rows, "indexes": database.run(INDEXES)}


def test_a_load_equals_a_comparing_rebuild(empty: Projection) -> None:
    ledger = MemoryLedger(RECORDED, page=70)
    ledger.put({**item(RECORDED[0]), "entry_id": {"S": "z" * 32}, "amount_minor": {"N": "0.5"}})
    stats = loaded(empty.database, ledger).stats
    assert (stats.entries, stats.missing, stats.unreadable) == (240, 240, 1)
    fast = content(empty.database)
    tables = ", ".join(TABLES)
    empty.database.run(f"TRUNCATE {tables}")
    repairer = Repairer(connections(empty.database))
    assert rebuilt(ledger, repairer).missing == 240
    repairer.close()
    assert fast == content(empty.database)


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_a_load_killed_anywhere_resumes(empty: Projection, is_done: bool) -> None:
    """The projector adds entries meanwhile, some of which the ledger shows to the load as well."""
    database = empty.database
    indexes = database.run(INDEXES)
    last = 0
    while True:
        last += 1
        database.run(f"TRUNCATE {', '.join(TABLES)}")
        database.run("DELETE FROM unfinished_rebuild")
        database.run(FLAG)
        empty.forget()
        ledger = MemoryLedger([*RECORDED, *LATE[:6]], page=120)
        opened = connections(database)
        mortal = Loader(Mortal(opened, last, is_done))  # type: ignore[arg-type]
        is_killed = False
        try:
            place = load.begin(mortal)
            while place is not None and place.phase != "done":
                place = load.resume(ledger, mortal, place, lambda: False)
        except KilledError:
            is_killed = True
        opened.close()
        empty.insert(LATE)
        if is_killed:
            loaded(database, ledger)
        empty.check_entries([*RECORDED, *LATE])
        assert database.run(INDEXES) == indexes
        if not is_killed:
            break
    assert last > 8


def test_reads_wait_until_all_is_loaded(empty: Projection, reads: ReadModel) -> None:
    ledger = MemoryLedger(RECORDED, page=70)
    loader = Loader(connections(empty.database))
    place = load.begin(loader)
    assert place is not None
    while place.phase != "done":
        with pytest.raises(ReadModelUnavailableError):
            reads.balances(TODAY)
        place = load.resume(ledger, loader, place, lambda: False)
    with pytest.raises(ReadModelUnavailableError):
        reads.check()
    loader.end_rebuild(place.began_at)
    loader.close()
    assert reads.balances(TODAY).totals


def test_a_late_call_inserts_nothing(empty: Projection) -> None:
    """A call that was believed to be dead would add entries that no total contains."""
    ledger = MemoryLedger(RECORDED)
    late = Loader(connections(empty.database))
    place = load.begin(late)
    assert place is not None
    loaded(empty.database, ledger)
    ledger.record(LATE[0])
    with pytest.raises(LoadEndedError):
        load.resume(ledger, late, place, lambda: False)
    late.close()
    empty.check_entries(RECORDED)


def test_a_complete_model_is_not_loaded(emptied: Projection) -> None:
    loader = Loader(connections(emptied.database))
    assert load.begin(loader) is None
    loader.close()


@pytest.mark.parametrize("text", ["load.", "load.bm90", "load.WyJub25lIiwgMV0="])
def test_another_text_is_no_position(text: str) -> None:
    with pytest.raises(ValidationError, match="position"):
        load.decode(text)
