"""Whether the read model has caught up, so that nothing is taken for lost that is only late."""

import pytest

from chalicelib.closing.await_projection import has_caught_up
from tests.fixtures.night import YESTERDAY, NightWorld, sale


@pytest.fixture
def projected(night_world: NightWorld) -> NightWorld:
    night_world.record(sale(night_world.merchant, "a"))
    return night_world


def caught_up(world: NightWorld) -> bool:
    return has_caught_up(world.ledger, world.books, YESTERDAY, world.merchant)


def test_it_has_once_the_newest_entry_of_the_day_is_in(projected: NightWorld) -> None:
    assert caught_up(projected)
    late = sale(projected.merchant, "late", recorded=projected.now)
    projected.ledger.entries[late.entry_id] = late
    assert not caught_up(projected)
    projected.project(late)
    assert caught_up(projected)


def test_an_entry_lost_among_older_ones_is_not_waited_for(projected: NightWorld) -> None:
    projected.record(sale(projected.merchant, "later", recorded=projected.now))
    projected.corrupt("DELETE FROM entries WHERE merchant_id = :m", m=projected.merchant)
    assert caught_up(projected)


def test_a_merchant_of_whom_nothing_is_in_is_waited_for(night_world: NightWorld) -> None:
    assert caught_up(night_world)
    first = sale(night_world.merchant, "a")
    night_world.ledger.entries[first.entry_id] = first
    assert not caught_up(night_world)


def test_what_comes_for_other_days_is_not_waited_for(projected: NightWorld) -> None:
    other = sale(projected.merchant, "b", YESTERDAY.replace(day=1), recorded=projected.now)
    projected.ledger.entries[other.entry_id] = other
    assert caught_up(projected)


def test_for_a_whole_night_those_that_were_active_last_are_looked_at(
    projected: NightWorld,
) -> None:
    late = sale(projected.merchant, "late", recorded=projected.now)
    projected.ledger.entries[late.entry_id] = late
    database = projected.database
    database.run(
        "UPDATE merchants SET newest_recorded_at = now() WHERE merchant_id = :merchant",
        merchant=projected.merchant,
    )
    assert has_caught_up(projected.ledger, projected.books, YESTERDAY, None)
