"""A day is sealed only on top of reconciled days, and its opening is the sum of what is sealed."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.closing.ports import Ports
from chalicelib.closing.ranges import SweepLane
from chalicelib.ledger.errors import LedgerUnavailableError
from tests.closing.corruptions import checked, whole_night
from tests.fixtures.night import YESTERDAY, NightWorld, instead, port, sale

BEFORE = YESTERDAY - timedelta(days=1)
LONG_AGO = YESTERDAY - timedelta(days=1700)


def openings(world: NightWorld, day: date = YESTERDAY) -> list[tuple[str, str]]:
    """Return the opening and its unsealed part, of each version's only line."""
    lines = [line for item in world.closings(day) for line in item["balances"]]
    return [(line["opening"], line["unsealed"]) for line in lines]


def sequences(world: NightWorld, *days: date) -> list[int]:
    """Return the sequence number of each day's only closing."""
    closings = [world.closings(day) for day in days]
    return [item["sequence"] for (item,) in closings]


def failing_on(world: NightWorld, failing_day: date) -> Ports:
    """Return ports whose ledger cannot read one day."""

    def day_entries(merchant_id: str, day: date) -> Any:
        if day == failing_day:
            raise LedgerUnavailableError("The ledger does not respond.")
        return world.ledger.day_entries(merchant_id, day)

    ports = world.ports()
    return replace(ports, ledger=instead(ports.ledger, day_entries=day_entries))


def test_forged_earlier_row_is_not_sealed(night_world: NightWorld, tmp_path: Path) -> None:
    night_world.sell("a", BEFORE)
    night_world.night(BEFORE)
    night_world.sell("b")
    night_world.project(sale(night_world.merchant, "bogus", BEFORE, minor=100_000_000))
    assert night_world.close()["failed"] == 0
    assert openings(night_world) == [("1.00", "0.00")]
    assert checked(night_world, tmp_path) == 0


def test_nothing_is_sealed_after_a_failed_day(night_world: NightWorld) -> None:
    night_world.sell("a", BEFORE)
    night_world.sell("b")
    night_world.record_unprojected(sale(night_world.merchant, "lost", BEFORE, minor=5000))
    assert night_world.night(ports=failing_on(night_world, BEFORE))["failed"] == 1
    assert (night_world.closings(BEFORE), night_world.closings()) == ([], [])
    assert night_world.night()["failed"] == 0
    assert openings(night_world) == [("51.00", "0.00")]


def test_day_whose_run_failed_is_reconciled_later(night_world: NightWorld) -> None:
    """Nothing of the day was projected, so it has no mark, and is compared in one night of 30."""
    night_world.sell("first", BEFORE - timedelta(days=1))
    night_world.night(BEFORE - timedelta(days=1))
    night_world.record_unprojected(sale(night_world.merchant, "lost", BEFORE, minor=5000))
    assert night_world.night(BEFORE, ports=failing_on(night_world, BEFORE))["closed"] == 0
    night_world.sell("b")
    assert night_world.night()["closed"] == 2
    assert openings(night_world) == [("51.00", "0.00")]


@pytest.mark.parametrize("is_projected", [True, False])
def test_lost_read_model_is_closed_from_the_beginning(
    night_world: NightWorld, is_projected: bool
) -> None:
    """The run meets the merchant by its newest entry, or the sweep meets any of the two."""
    new = sale(night_world.merchant, "new")
    night_world.record_unprojected(sale(night_world.merchant, "old", LONG_AGO, minor=400), new)
    if is_projected:
        night_world.project(new)
        assert night_world.night()["failed"] == 0
    for night in range(0 if is_projected else 30):
        segments = [SweepLane(number) for number in range(4)]
        night_world.run(segments, YESTERDAY + timedelta(days=night))
    assert sequences(night_world, LONG_AGO, YESTERDAY) == [1, 2]
    assert openings(night_world) == [("4.00", "0.00")]


def test_requested_day_closes_earlier_days_first(night_world: NightWorld) -> None:
    for day in (LONG_AGO, BEFORE, YESTERDAY):
        night_world.sell(f"{day}", day)
    result = night_world.close()
    assert (result["merchants"], result["closed"], result["failed"]) == (1, 3, 0)
    assert sequences(night_world, LONG_AGO, BEFORE, YESTERDAY) == [1, 2, 3]
    night_world.sell("late", LONG_AGO)
    night_world.sell("later")
    assert night_world.close()["closed"] == 2
    assert [item["sequence"] for item in night_world.closings(LONG_AGO)] == [1, 4]
    assert openings(night_world) == [("2.00", "0.00"), ("3.00", "0.00")]


def test_requested_old_day_leaves_later_days_open(night_world: NightWorld) -> None:
    night_world.sell("a", BEFORE)
    night_world.sell("b")
    assert night_world.close(BEFORE)["closed"] == 1
    assert (night_world.closings(), night_world.marked()) == ([], {YESTERDAY})


@pytest.mark.parametrize("place", ["before", "during"])
def test_late_entry_joins_only_the_next_opening(
    night_world: NightWorld, tmp_path: Path, place: str
) -> None:
    night_world.sell("a", LONG_AGO)
    night_world.sell("b")
    ports, late = night_world.ports(), sale(night_world.merchant, "late", LONG_AGO, minor=7)

    def day_entries(merchant_id: str, day: date) -> Any:
        if day == YESTERDAY and place == "before":
            night_world.record(late)
        return night_world.ledger.day_entries(merchant_id, day)

    def sign(digest: bytes) -> tuple[str, str]:
        if place == "during" and len(night_world.closings(LONG_AGO)) == 1:
            night_world.record(late)
        return ports.signer.sign(digest)

    ledger = instead(ports.ledger, day_entries=day_entries)
    disturbed = replace(ports, ledger=ledger, signer=port(sign=sign))
    assert night_world.night(ports=disturbed)["closed"] == 2
    assert openings(night_world) == [("1.00", "0.00")]
    assert night_world.marked() == {LONG_AGO}
    night_world.sell("next", YESTERDAY + timedelta(days=1))
    assert night_world.night(YESTERDAY + timedelta(days=1))["closed"] == 2
    assert openings(night_world, YESTERDAY + timedelta(days=1)) == [("2.07", "0.00")]
    assert checked(night_world, tmp_path) == 0


def test_years_of_late_entries_take_several_passes(night_world: NightWorld) -> None:
    days = [YESTERDAY - timedelta(days=31 * back) for back in range(30)]
    night_world.record(*(sale(night_world.merchant, f"{day}", day) for day in days))
    ports, moments = night_world.ports(), iter(range(0, 100_000, 60))
    slow = replace(ports, clock=lambda: night_world.now + timedelta(seconds=next(moments)))
    result = night_world.night(ports=slow)
    assert (result["merchants"], result["closed"], result["failed"]) == (1, 30, 0)
    assert sequences(night_world, *reversed(days)) == list(range(1, 31))


def test_lost_mark_blocks_nothing(night_world: NightWorld) -> None:
    night_world.sell("a", BEFORE)
    night_world.sell("b")
    night_world.night()
    night_world.sell("late", BEFORE, minor=30)
    night_world.sell("late debit", BEFORE, minor=30, type="debit")
    night_world.corrupt("DELETE FROM unsealed_days WHERE merchant_id = :m", m=night_world.merchant)
    tomorrow = YESTERDAY + timedelta(days=1)
    night_world.sell("c", tomorrow)
    result = night_world.night(tomorrow)
    assert (result["closed"], result["failed"]) == (2, 0)
    assert [item["entries"] for item in night_world.closings(BEFORE)] == [1, 3]
    assert openings(night_world, tomorrow) == [("2.00", "0.00")]


def test_invented_year_blocks_nothing(night_world: NightWorld) -> None:
    night_world.corrupt(
        "INSERT INTO year_totals VALUES (:m, 'BRL', '2001-01-01', 'main', 9, 0, 1)",
        m=night_world.merchant,
    )
    night_world.sell("a")
    assert whole_night(night_world, YESTERDAY)["failed"] == 0
    assert openings(night_world) == [("0.00", "0.00")]


def test_altered_sums_of_closings_block_nothing(night_world: NightWorld) -> None:
    night_world.sell("a", LONG_AGO)
    night_world.night()
    night_world.corrupt(
        "UPDATE sealed_totals SET net_minor = 0 WHERE merchant_id = :m", m=night_world.merchant
    )
    night_world.sell("b")
    assert night_world.night()["failed"] == 0
    assert openings(night_world) == [("1.00", "0.00")]
