"""Whom a run waits for, and whom it gives up, so that a late entry is not reported as lost."""

from contextlib import closing
from datetime import date, timedelta

import pytest

from chalicelib.closing.lateness import STREAM_LIFETIME, is_complete, late_merchants
from chalicelib.closing.read_model import ClosingStore
from chalicelib.migrations.runner import migrate
from chalicelib.projection.repairer import Repairer
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.night import YESTERDAY, LedgerInMemory, NightWorld, change, sale
from tests.fixtures.projection import connections
from tests.fixtures.stores import Database


@pytest.fixture
def projected(night_world: NightWorld) -> NightWorld:
    night_world.sell("a")
    return night_world


def is_late(world: NightWorld) -> bool:
    ledger, read_model = world.ledger, world.read_model
    late = late_merchants(ledger, read_model, YESTERDAY, world.merchant, began=world.now)
    assert late in ([], [world.merchant])
    return bool(late)


def lose(world: NightWorld, age: timedelta = timedelta(minutes=5), day: date = YESTERDAY) -> None:
    """Record an entry that is not projected."""
    world.record_unprojected(sale(world.merchant, "late", day, recorded=world.now - age))


def test_newest_entry_must_be_projected(projected: NightWorld) -> None:
    assert not is_late(projected)
    lose(projected)
    assert is_late(projected)
    projected.project(*projected.ledger.entries.values())
    assert not is_late(projected)


def test_lost_older_entry_is_not_awaited(projected: NightWorld) -> None:
    projected.sell("later", recorded=projected.now)
    projected.corrupt("DELETE FROM entries WHERE merchant_id = :m", m=projected.merchant)
    assert not is_late(projected)


def test_merchant_without_projected_entries_is_awaited(night_world: NightWorld) -> None:
    assert not is_late(night_world)
    lose(night_world)
    assert is_late(night_world)


def test_entries_of_other_days_are_not_awaited(projected: NightWorld) -> None:
    lose(projected, day=YESTERDAY.replace(day=1))
    assert not is_late(projected)


def test_entries_recorded_during_the_run_are_not_awaited(projected: NightWorld) -> None:
    lose(projected, age=timedelta(0))
    assert not is_late(projected)


def test_entries_older_than_the_stream_are_not_awaited(night_world: NightWorld) -> None:
    lose(night_world, age=STREAM_LIFETIME)
    assert is_late(night_world)
    lose(night_world, age=STREAM_LIFETIME + timedelta(seconds=1))
    assert not is_late(night_world)


def test_full_run_samples_most_recent_merchants(projected: NightWorld) -> None:
    lose(projected)
    # Its newest projected entry seems to be newer than the late one: it comes first, and passes.
    newest = "UPDATE merchants SET newest_recorded_at = now() WHERE merchant_id = :merchant"
    projected.database.run(newest, merchant=projected.merchant)
    ledger, read_model = projected.ledger, projected.read_model
    assert late_merchants(ledger, read_model, YESTERDAY, None, projected.now) == []


def test_run_gives_up_only_late_merchants(night_world: NightWorld) -> None:
    names = [f"{night_world.merchant}-{number}" for number in range(10)]
    night_world.record(*(sale(name, "a") for name in names))
    lost = sale(names[3], "lost", recorded=night_world.now - timedelta(hours=6))
    night_world.record_unprojected(lost)
    summary = night_world.night(late_before=night_world.now)
    assert (summary["merchants"], summary["closed"], summary["failed"]) == (10, 9, 1)
    assert summary["repaired"] == 0
    again = night_world.night(late_before=night_world.now + timedelta(hours=24))
    assert (again["closed"], again["failed"], again["repaired"] > 0) == (1, 0, True)


def test_till_that_goes_on_is_closed(projected: NightWorld) -> None:
    began = projected.now
    projected.record_unprojected(sale(projected.merchant, "b", recorded=began))
    summary = projected.close(late_before=began)
    assert (summary["closed"], summary["failed"]) == (1, 0)


@pytest.mark.parametrize("is_being_rebuilt", [True, False])
def test_incomplete_read_model_is_recognized(
    emptied_read_model_database: ReadModelDatabase, is_being_rebuilt: bool
) -> None:
    """A recreated read model; its rebuild has not begun, or has restored one entry so far."""
    with closing(connections(emptied_read_model_database, "livro_closer")) as opened:
        store, ledger = ClosingStore(opened), LedgerInMemory()
        assert is_complete(ledger, store)
        with closing(Repairer(connections(emptied_read_model_database))) as repairer:
            old = sale("padaria", "old", YESTERDAY - timedelta(days=1))
            ledger.entries[old.entry_id] = old
            began_at = repairer.begin_rebuild() if is_being_rebuilt else ""
            if is_being_rebuilt:
                repairer.add([change(old)])
            assert not is_complete(ledger, store)
            if is_being_rebuilt:
                repairer.end_rebuild(began_at)
            assert is_complete(ledger, store) == is_being_rebuilt


def test_new_read_model_awaits_its_rebuild(database: Database) -> None:
    """A server was replaced: the projector adds what is recorded now, not what was earlier."""
    created = ReadModelDatabase(**vars(database))
    with closing(created.connect(created.superuser)) as administrator:
        migrate(administrator)
    with closing(connections(created, "livro_closer")) as opened:
        store, ledger = ClosingStore(opened), LedgerInMemory()
        assert is_complete(ledger, store)
        old, new = (sale("padaria", name, YESTERDAY) for name in ("old", "new"))
        ledger.entries |= {entry.entry_id: entry for entry in (old, new)}
        with closing(Repairer(connections(created))) as repairer:
            repairer.add([change(new)])
            assert not is_complete(ledger, store)
            began_at = repairer.begin_rebuild()
            repairer.add([change(old)])
            assert not is_complete(ledger, store)
            repairer.end_rebuild(began_at)
            assert is_complete(ledger, store)
