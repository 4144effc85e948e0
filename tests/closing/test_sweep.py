"""The sweep: what nothing else looks at any more is held against the ledger once in 30 nights."""

from datetime import timedelta

import pytest

from tests.closing.corruptions import CORRUPTIONS, LONG_AGO, is_right, trade, whole_night
from tests.fixtures.night import YESTERDAY, NightWorld, sale


@pytest.fixture
def traded(night_world: NightWorld) -> NightWorld:
    """Entries of a day long ago, of yesterday and of today; nothing is closed."""
    trade(night_world)
    return night_world


@pytest.mark.parametrize("how", CORRUPTIONS)
def test_a_long_closed_day_is_put_right_within_thirty_nights(traded: NightWorld, how: str) -> None:
    traded.night()
    traded.corrupt(CORRUPTIONS[how], merchant=traded.merchant, day=LONG_AGO)
    nights = (YESTERDAY + timedelta(days=one) for one in range(30))
    result = [whole_night(traded, day) for day in nights]
    assert is_right(traded)
    assert sum(one["failed"] for one in result) == 0
    assert len(traded.closings(LONG_AGO)) == 1
    assert len(traded.repairs()) > 0
    assert sum(whole_night(traded, YESTERDAY)["repaired"] for _ in range(2)) == 0


def test_what_the_read_model_never_heard_of_is_found_by_the_sweep(traded: NightWorld) -> None:
    traded.night()
    unheard = sale(traded.merchant, "unheard", LONG_AGO, minor=77)
    traded.ledger.entries[unheard.entry_id] = unheard
    closed = [whole_night(traded, YESTERDAY + timedelta(days=one))["closed"] for one in range(30)]
    assert (sum(closed), is_right(traded)) == (1 + 1, True)  # and today, once it was over
    assert traded.closings(LONG_AGO)[1]["changes"]["added"] == [unheard.entry_id]
    assert traded.closings(LONG_AGO)[1]["repairs"] > 0


def test_a_day_that_lost_its_mark_is_closed_within_thirty_nights(traded: NightWorld) -> None:
    traded.corrupt(
        "DELETE FROM unsealed_days WHERE merchant_id = :merchant", merchant=traded.merchant
    )
    for one in range(30):
        whole_night(traded, YESTERDAY + timedelta(days=one))
    assert len(traded.closings(LONG_AGO)) == 1
