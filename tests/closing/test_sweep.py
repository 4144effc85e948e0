"""The sweep compares the whole ledger with the read model once in 30 nights."""

from datetime import timedelta

import pytest

from tests.closing.corruptions import CORRUPTIONS, LONG_AGO, corrupt, is_right, whole_night
from tests.fixtures.night import YESTERDAY, NightWorld, sale

NIGHTS = [YESTERDAY + timedelta(days=number) for number in range(30)]


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_closed_day_is_repaired_within_thirty_nights(traded: NightWorld, corruption: str) -> None:
    traded.night()
    corrupt(traded, corruption, LONG_AGO)
    failed = [whole_night(traded, day)["failed"] for day in NIGHTS]
    assert (is_right(traded), sum(failed)) == (True, 0)
    assert len(traded.closings(LONG_AGO)) == 1
    assert len(traded.repairs()) > 0
    assert sum(whole_night(traded, YESTERDAY)["repaired"] for _ in range(2)) == 0


def test_sweep_finds_entries_never_projected(traded: NightWorld) -> None:
    traded.night()
    missed = sale(traded.merchant, "missed", LONG_AGO, minor=77)
    traded.record_unprojected(missed)
    closed = [whole_night(traded, day)["closed"] for day in NIGHTS]
    assert (sum(closed), is_right(traded)) == (2, True)  # the old day, and today once it was over
    assert traded.closings(LONG_AGO)[1]["changes"]["added"] == [missed.entry_id]
    assert traded.closings(LONG_AGO)[1]["repairs"] > 0


def test_day_that_lost_its_mark_is_closed(traded: NightWorld) -> None:
    traded.corrupt("DELETE FROM unsealed_days WHERE merchant_id = :m", m=traded.merchant)
    for day in NIGHTS:
        whole_night(traded, day)
    assert len(traded.closings(LONG_AGO)) == 1


@pytest.mark.parametrize("moved", ["interval '1 hour'", "interval '-1 hour'"])
def test_altered_newest_moment_is_repaired(traded: NightWorld, moved: str) -> None:
    newest = traded.rows("merchants", "newest_recorded_at")
    alteration = f"UPDATE merchants SET newest_recorded_at = newest_recorded_at + {moved}"
    traded.database.run(f"{alteration} WHERE merchant_id = :m", m=traded.merchant)
    assert traded.rows("merchants", "newest_recorded_at") != newest
    assert [traded.night(day)["failed"] for day in NIGHTS] == [0] * 30
    assert traded.rows("merchants", "newest_recorded_at") == newest
