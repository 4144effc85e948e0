"""An empty read model is loaded: equal to a comparing rebuild, and never read in part."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from chalicelib.ledger.entries import Entry
from chalicelib.ledger.errors import ReadModelUnavailableError, ValidationError
from chalicelib.projection import load
from chalicelib.projection.loader import LoadEndedError, Loader
from chalicelib.projection.project import project
from chalicelib.projection.repairer import Repairer
from chalicelib.queries.daily_balances import BalanceQuery
from chalicelib.queries.read_model import ReadModel
from chalicelib.storage.category_items import correction_item
from chalicelib.storage.postgres import Connections, DatabaseUnreachableError, Session
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.memory_ledger import MemoryLedger
from tests.fixtures.projection import Projection, connections
from tests.fixtures.rebuilding import rebuilt
from verification.kit.generators import corrected, correction, entries, item

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
CORRECTIONS = [
    *(correction(entry, 2, "energy") for entry in RECORDED[::9]),
    *(correction(entry, 1, None) for entry in LATE[::2]),
]
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
    before_each: Callable[[], None]
    calls: int = field(default=0)

    def use(self, work: Callable[[Session], Any]) -> Any:
        self.calls += 1
        self.before_each()
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


def loaded(
    database: ReadModelDatabase,
    ledger: MemoryLedger,
    after_each_step: Callable[[], None] = lambda: None,
) -> load.LoadCheckpoint:
    """Load everything, in steps as short as can be."""
    loader = Loader(connections(database))
    place = load.begin(loader)
    assert place is not None
    while place.phase != "done":
        place = load.resume(ledger, loader, load.decode(load.encode(place)), lambda: False)
        after_each_step()
    loader.end_rebuild(place.began_at)
    loader.close()
    return place


def begin_again(database: ReadModelDatabase) -> None:
    """Make the read model one that began empty."""
    database.run(f"TRUNCATE early_corrections, {', '.join(TABLES)}")
    database.run("DELETE FROM unfinished_rebuild")
    database.run(FLAG)


def compared(database: ReadModelDatabase, ledger: MemoryLedger) -> dict[str, Any]:
    """Return what a comparing rebuild makes of the ledger, and empty the read model again."""
    repairer = Repairer(connections(database))
    rebuilt(ledger, repairer)
    assert rebuilt(ledger, repairer).differences == 0
    repairer.close()
    rows = content(database)
    begin_again(database)
    return rows


def content(database: ReadModelDatabase) -> dict[str, Any]:
    """Return all rows that a rebuild makes, and the indexes of entries."""
    rows = {
        name: database.run(f"SELECT {columns} FROM {name} AS t ORDER BY t::text")
        for name, columns in TABLES.items()
    }
    return {**rows, "indexes": database.run(INDEXES)}


def with_corrections(recorded: Sequence[Entry], page: int) -> MemoryLedger:
    """Return a ledger of entries, some of whose categories were corrected."""
    ledger = MemoryLedger(recorded, page=page)
    for fix in CORRECTIONS:
        ledger.put(correction_item(fix))
    return ledger


def test_a_load_equals_a_comparing_rebuild(empty: Projection) -> None:
    ledger = with_corrections(RECORDED, page=70)
    ledger.put({**item(RECORDED[0]), "entry_id": {"S": "z" * 32}, "amount_minor": {"N": "0.5"}})
    expected = compared(empty.database, ledger)
    stats = loaded(empty.database, ledger).stats
    assert (stats.entries, stats.missing, stats.unreadable) == (240, 240, 1)
    assert content(empty.database) == expected


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_a_load_killed_anywhere_resumes(empty: Projection, reads: ReadModel, is_done: bool) -> None:
    """Its rows are those of a comparing rebuild, and no read before its end sees some of them.

    The projector adds entries and corrections meanwhile, which the ledger shows to the load, too.
    """
    database = empty.database
    ledger = with_corrections([*RECORDED, *LATE], page=120)
    expected = compared(database, ledger)

    def check_reads() -> None:
        with pytest.raises(ReadModelUnavailableError):
            reads.balances(TODAY)

    last, is_killed = 0, True
    while is_killed:
        last += 1
        begin_again(database)
        empty.forget()
        opened = connections(database)
        mortal = Loader(Mortal(opened, last, is_done, check_reads))  # type: ignore[arg-type]
        try:
            place = load.begin(mortal)
            while place is not None and place.phase != "done":
                place = load.resume(ledger, mortal, place, lambda: False)
            is_killed = False
        except KilledError:
            check_reads()
        opened.close()
        empty.insert(LATE)
        project([corrected(fix) for fix in CORRECTIONS[::2]], empty.ports)
        check_reads()
        loaded(database, ledger, check_reads)
        assert content(database) == expected
        assert sum(each.entries for each in reads.balances(TODAY).totals.values()) == 46
        assert database.run("SELECT count(*) FROM early_corrections") == [[0]]
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
    reads.check()  # the server is ready, and a deployment goes on to load it
    with pytest.raises(ReadModelUnavailableError):
        reads.newest_sequence("padaria")
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


def test_an_old_servers_load_ends_nothing(empty: Projection) -> None:
    """Its first entries are in the read model of the server before."""
    ledger = MemoryLedger(RECORDED)
    late = Loader(connections(empty.database))
    place = load.begin(late)
    assert place is not None
    empty.database.run("UPDATE unfinished_rebuild SET begun_at = clock_timestamp()")
    with pytest.raises(LoadEndedError, match="created after this load"):
        load.resume(ledger, late, replace(place, phase="indexes"), lambda: False)
    with pytest.raises(LoadEndedError):
        load.end_entries(late, place, 3)
    with pytest.raises(LoadEndedError, match="created after this load"):
        late.end_rebuild(place.began_at)
    late.close()
    assert loaded(empty.database, ledger).stats.missing == len(RECORDED)


def test_server_finishes_an_abandoned_index(empty: Projection) -> None:
    """An index that takes longer than the function runs is built all the same."""
    begun = Loader(connections(empty.database))
    place = load.begin(begun)
    assert place is not None
    slow = "SELECT pg_sleep(1); CREATE INDEX a_slow_one ON entries (day)"
    empty.database.run(f"INSERT INTO dropped_indexes VALUES ('a_slow_one', '{slow}')")
    left = len(empty.database.run("SELECT FROM dropped_indexes"))
    begun.close()
    impatient = Loader(connections(empty.database, timeout=0.3))
    with pytest.raises(DatabaseUnreachableError):
        load.build_index(impatient, place)
    impatient.close()
    patient = Loader(connections(empty.database))
    assert load.build_index(patient, place) == left - 2
    patient.close()
    assert len(empty.database.run(f"{INDEXES.partition('ORDER')[0]} AND indexname = 'a_slow_one'"))
    empty.database.run("DROP INDEX a_slow_one")
    loaded(empty.database, MemoryLedger(RECORDED))


def test_a_complete_model_is_not_loaded(emptied: Projection) -> None:
    loader = Loader(connections(emptied.database))
    assert load.begin(loader) is None
    loader.close()


@pytest.mark.parametrize("text", ["load.", "load.bm90", "load.WyJub25lIiwgMV0="])
def test_another_text_is_no_position(text: str) -> None:
    with pytest.raises(ValidationError, match="position"):
        load.decode(text)
