"""The chain of closings is read no further than needed, once in a run, and a few MB at a time."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.fixtures.night import YESTERDAY, NightWorld, instead


class ReadClosings:
    """The read model of a world; `numbers` has the first and last of each read of closings."""

    def __init__(self, world: NightWorld) -> None:
        self.numbers: list[tuple[int, int]] = []
        self._between = world.read_model.closings_between
        self.ports = world.ports(
            read_model=instead(world.read_model, closings_between=self._closings_between)
        )

    def _closings_between(self, merchant_id: str, first: int, last: int) -> list[Any]:
        self.numbers.append((first, last))
        return list(self._between(merchant_id, first, last))


@pytest.fixture
def closed(night_world: NightWorld) -> list[date]:
    """Days of 1.00 each, closed together as numbers 1 to 21, without a read."""
    days = [date(2025, 6, 3) + timedelta(days=n) for n in range(21)]
    for day in days:
        night_world.sell(f"{day}", day)
    read = ReadClosings(night_world)
    assert night_world.night(ports=read.ports)["closed"] == 21
    assert read.numbers == []
    return days


def opening(world: NightWorld, day: date, version: int = 1) -> str:
    return str(world.closings(day)[version - 1]["balances"][0]["opening"])


def test_opening_reads_few_closings(night_world: NightWorld, closed: list[date]) -> None:
    """As many as were sealed since the day before, or since the day itself."""
    read = ReadClosings(night_world)
    night_world.sell("late", closed[17], 7)
    night_world.sell("new", recorded=night_world.now)
    assert night_world.night(ports=read.ports)["closed"] == 2
    assert read.numbers == [(18, 20)]
    assert opening(night_world, YESTERDAY) == "21.07"


def test_run_reads_each_closing_once(night_world: NightWorld, closed: list[date]) -> None:
    read = ReadClosings(night_world)
    for day in closed[2::3]:
        night_world.sell(f"late {day}", day, 7)
    assert night_world.night(ports=read.ports)["closed"] == 7
    assert read.numbers == [(3, 20)]
    assert opening(night_world, closed[20], 2) == "20.42"


def test_large_closings_are_read_few_at_a_time(night_world: NightWorld, closed: list[date]) -> None:
    night_world.corrupt(
        "UPDATE closings SET published = published || repeat(' ', 3000000)"
        " WHERE merchant_id = :m AND sequence > 15",
        m=night_world.merchant,
    )
    page = night_world.read_model.closings_between(night_world.merchant, 1, 20)
    assert [item["sequence"] for item in page] == [20, 19]
    read = ReadClosings(night_world)
    night_world.sell("late", closed[12], 7)
    assert night_world.night(ports=read.ports)["closed"] == 1
    assert read.numbers == [(13, 20), (13, 18), (13, 16)]
