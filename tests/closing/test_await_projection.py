"""Whether the read model has caught up, so that a late entry is not reported as lost."""

from contextlib import closing
from datetime import date, timedelta

import pytest

from chalicelib.closing.read_model import ClosingStore
from chalicelib.closing.tasks import has_caught_up
from chalicelib.projection.repairer import Repairer
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.night import YESTERDAY, LedgerInMemory, NightWorld, change, sale
from tests.fixtures.projection import connections


@pytest.fixture
def projected(night_world: NightWorld) -> NightWorld:
    night_world.sell("a")
    return night_world


def caught_up(world: NightWorld) -> bool:
    return has_caught_up(world.ledger, world.read_model, YESTERDAY, world.merchant)


def late(world: NightWorld, day: date = YESTERDAY) -> None:
    world.record_unprojected(sale(world.merchant, "late", day, recorded=world.now))


def test_newest_entry_must_be_projected(projected: NightWorld) -> None:
    assert caught_up(projected)
    late(projected)
    assert not caught_up(projected)
    projected.project(*projected.ledger.entries.values())
    assert caught_up(projected)


def test_lost_older_entry_is_not_awaited(projected: NightWorld) -> None:
    projected.sell("later", recorded=projected.now)
    projected.corrupt("DELETE FROM entries WHERE merchant_id = :m", m=projected.merchant)
    assert caught_up(projected)


def test_merchant_without_projected_entries_is_awaited(night_world: NightWorld) -> None:
    assert caught_up(night_world)
    late(night_world)
    assert not caught_up(night_world)


def test_entries_of_other_days_are_not_awaited(projected: NightWorld) -> None:
    late(projected, YESTERDAY.replace(day=1))
    assert caught_up(projected)


def test_full_run_samples_most_recent_merchants(projected: NightWorld) -> None:
    late(projected)
    # Its newest projected entry seems to be newer than the late one: it comes first, and passes.
    newest = "UPDATE merchants SET newest_recorded_at = now() WHERE merchant_id = :merchant"
    projected.database.run(newest, merchant=projected.merchant)
    assert has_caught_up(projected.ledger, projected.read_model, YESTERDAY, None)


@pytest.mark.parametrize("is_being_rebuilt", [True, False])
def test_incomplete_read_model_is_awaited(
    emptied_read_model_database: ReadModelDatabase, is_being_rebuilt: bool
) -> None:
    """A recreated read model; its rebuild has not begun, or has restored one entry so far."""
    with closing(connections(emptied_read_model_database, "livro_closer")) as opened:
        store, ledger = ClosingStore(opened), LedgerInMemory()
        assert has_caught_up(ledger, store, YESTERDAY, None)
        with closing(Repairer(connections(emptied_read_model_database))) as repairer:
            old = sale("padaria", "old", YESTERDAY - timedelta(days=1))
            ledger.entries[old.entry_id] = old
            if is_being_rebuilt:
                repairer.note_rebuild(is_finished=False)
                repairer.add([change(old)])
            assert not has_caught_up(ledger, store, YESTERDAY, None)
            assert has_caught_up(ledger, store, YESTERDAY, "rival")
            repairer.note_rebuild(is_finished=True)
            assert has_caught_up(ledger, store, YESTERDAY, None) == is_being_rebuilt
