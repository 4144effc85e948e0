"""Closings signed by an earlier key stay verifiable and can be restored."""

from tests.verification.simulation.conftest import Days
from verification.simulation import closing_invariants


def test_closings_of_an_earlier_key_are_restored(days: Days) -> None:
    days.sell(1)
    backup = days.world.tables.backup()
    first = days.next_day()
    days.run()
    days.world.key.change()
    days.sell(2)
    second = days.next_day()
    days.world.tables.restore(backup)
    days.context.runs.finish(second)
    assert days.openings() == [(f"{first}", "0.00"), (f"{second}", "10.01")]
    rows = days.world.tables.closings.values()
    assert len({row.item["key_id"] for row in rows}) == 2
    days.context.runs.finish(second)
    closing_invariants.check_chains(days.world)
