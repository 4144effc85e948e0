"""How a run is divided into ranges."""

from itertools import pairwise
from typing import Any

import pytest

from chalicelib.closing.ranges import (
    MerchantRange,
    SingleMerchant,
    SweepLane,
    parse_range,
    plan,
    sweep_lanes,
)
from tests.fixtures.night import port


def planned(merchants: int, merchant_id: str | None = None) -> list[dict[str, Any]]:
    names = [f"merchant-{number:06}" for number in range(merchants)]
    read_model = port(boundaries=lambda parts: names[:: max(1, -(-merchants // parts))])
    return [part.to_json() for part in plan(read_model, merchant_id)]


@pytest.mark.parametrize("merchants", [0, 1, 5, 96, 1000, 100_000])
def test_ranges_hold_every_merchant_once(merchants: int) -> None:
    ranges = planned(merchants)
    assert len(ranges) <= 96
    assert max((len(str(part)) for part in ranges), default=0) < 256
    for part, following in pairwise(ranges):
        assert part["before"] == following["first"]
    if ranges:
        assert (ranges[0]["first"], ranges[-1]["before"]) == ("merchant-000000", None)


def test_single_merchant_has_its_own_range() -> None:
    assert planned(9, "padaria") == [{"merchant": "padaria"}]


def test_sweep_has_four_lanes_once_caught_up() -> None:
    lanes = [lane.to_json() for lane in sweep_lanes(None, is_caught_up=True)]
    assert lanes == [{"sweep": 0}, {"sweep": 1}, {"sweep": 2}, {"sweep": 3}]
    assert sweep_lanes(None, is_caught_up=False) == sweep_lanes("padaria", is_caught_up=True) == []


@pytest.mark.parametrize(
    "part",
    [MerchantRange("a", "b"), MerchantRange("a", None), SweepLane(0), SingleMerchant("a")],
)
def test_ranges_survive_the_state_machine(part: Any) -> None:
    assert parse_range(part.to_json()) == part
