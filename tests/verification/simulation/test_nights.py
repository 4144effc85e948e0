"""What goes wrong with one merchant's entries stops no other merchant's night."""

from datetime import timedelta

import pytest

from tests.verification.simulation.conftest import Days
from verification.simulation.new_requests import about_key_of
from verification.simulation.nightly_runs import NightlyRuns
from verification.simulation.opening_invariants import check_openings
from verification.simulation.violations import InvariantError


@pytest.fixture
def nights(days: Days) -> Days:
    """Days whose runs wait for the projection."""
    days.context.runs = NightlyRuns(days.world, is_impatient=False)
    return days


def test_entry_that_never_arrives_stops_its_merchant_alone(nights: Days) -> None:
    nights.sell(1, merchant_id="banca")
    nights.sell(2)
    nights.sell(3, merchant_id="banca", is_lost=True)
    first = nights.next_day(hours=16)  # the stream keeps a record for 24
    with pytest.raises(InvariantError, match=f"{first}-m1: behind"):
        nights.context.runs.finish(first)
    assert nights.closed() == [("padaria", f"{first}")]
    second = nights.next_day()
    nights.context.runs.finish(second)
    check_openings(nights.context)
    assert nights.closed() == [("banca", f"{first}"), ("padaria", f"{first}")]


def test_malformed_item_stops_its_merchant_alone(nights: Days) -> None:
    nights.sell(1, merchant_id="banca")
    nights.sell(2)
    first = nights.next_day()
    items = nights.world.table.items
    whole = next(item for item in items.values() if item["merchant_id"] == {"S": "banca"})
    broken = {name: value for name, value in whole.items() if name != "amount_minor"}
    broken["entry_id"], broken["day_entry"] = {"S": "z" * 32}, {"S": f"{first}#{'z' * 32}"}
    nights.world.table._write(broken)
    for _ in range(2):
        with pytest.raises(InvariantError, match="failed although"):
            nights.context.runs.finish(first)
        assert nights.closed() == [("padaria", f"{first}")]
    del items["z" * 32]
    nights.context.runs.finish(first)
    assert nights.closed() == [("banca", f"{first}"), ("padaria", f"{first}")]


def test_malformed_item_between_days_is_passed_over(
    nights: Days, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was put after its day was compared, and is no entry that a closing could hold."""
    nights.sell(1)
    first = nights.next_day()
    nights.context.runs.finish(first)
    second = nights.next_day()
    nights.context.runs.finish(second)
    nights.sell(2)
    items = nights.world.table.items
    broken = {name: value for name, value in list(items.values())[-1].items() if name != "currency"}
    broken["entry_id"] = {"S": "z" * 32}
    broken["day_entry"] = {"S": f"{second}#{'z' * 32}"}
    nights.world.table._write(broken)
    third = nights.next_day()
    nights.context.runs.finish(third)
    del items["z" * 32]  # the reference model reads complete entries only
    check_openings(nights.context)
    assert nights.closed() == [("padaria", f"{first}"), ("padaria", f"{third}")]
    assert f'"entry_unreadable", "entry_id": "{"z" * 32}"' in capsys.readouterr().out


def test_erasure_on_its_way_is_no_difference(nights: Days) -> None:
    nights.sell(1)
    nights.world.clock.leap(timedelta(hours=2))
    (sale,) = nights.context.merchants.log.requests
    first = nights.next_day()
    nights.context.merchants.send(about_key_of(sale, None), 1)
    nights.context.runs.finish(first)
    assert nights.world.tables.repairs == {}
    (row,) = nights.world.tables.closings.values()
    assert row.item["repairs"] == 0
