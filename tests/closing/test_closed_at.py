"""A closing is dated after what it holds and follows, by clocks that differ by 5 s at most."""

from datetime import date, datetime, timedelta

import pytest

from tests.fixtures.night import MIDNIGHT, YESTERDAY, NightWorld
from tests.fixtures.projection import printed

SECOND = timedelta(seconds=1)
AFTER_YESTERDAY = YESTERDAY + timedelta(1)


def closed_at(world: NightWorld, day: date = YESTERDAY) -> list[str]:
    return [closing["closed_at"] for closing in world.closings(day)]


def test_closing_is_not_dated_before_its_entries(night_world: NightWorld) -> None:
    night_world.sell("a", recorded=MIDNIGHT + 4 * SECOND)
    assert night_world.night()["closed"] == 1
    assert closed_at(night_world) == ["2026-11-23T03:10:04.000Z"]


@pytest.mark.parametrize("recorded", ["2026-11-23T00:10:30-03:00", "2099-01-01T00:00:00+00:00"])
def test_entry_of_the_future_is_not_sealed(
    night_world: NightWorld, recorded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    night_world.sell("a", recorded=datetime.fromisoformat(recorded))
    summary = night_world.night()
    assert (summary["closed"], summary["failed"]) == (0, 1)
    assert "after the clock" in str(printed(capsys))


def test_nothing_follows_a_closing_of_the_future(night_world: NightWorld) -> None:
    night_world.sell("a")
    night_world.now = datetime.fromisoformat("2099-01-01T00:00:00+00:00")
    assert night_world.night()["closed"] == 1
    night_world.now = MIDNIGHT
    night_world.sell("b", AFTER_YESTERDAY)
    assert night_world.night(AFTER_YESTERDAY)["failed"] == 1
    assert night_world.closings(AFTER_YESTERDAY) == []
