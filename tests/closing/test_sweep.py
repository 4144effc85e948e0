"""The sweep compares the whole ledger with the read model once in 30 nights, also if some fail."""

from datetime import timedelta

import pytest

from chalicelib.closing.consolidation_run import ConsolidationRun, Counts
from chalicelib.closing.passes import PASS_DURATION, Progress, run_pass
from chalicelib.closing.ports import Page, SweepSegment
from chalicelib.closing.ranges import SweepLane
from tests.closing.corruptions import CORRUPTIONS, LONG_AGO, corrupt, is_right, whole_night
from tests.fixtures.night import YESTERDAY, LedgerInMemory, NightWorld, sale
from tests.fixtures.plain_sums import expected, held
from verification.kit.generators import correction

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


@pytest.mark.parametrize("fault", ["lost", "altered", "invented"])
def test_sweep_repairs_categories_beside_closings(traded: NightWorld, fault: str) -> None:
    traded.night()
    entry = next(entry for entry in traded.ledger.entries.values() if entry.day == LONG_AGO)
    newest = correction(entry, 2, "energy")
    if fault != "invented":
        traded.ledger.corrected[entry.entry_id] = newest
    if fault != "lost":
        number = 1 if fault == "altered" else 3
        traded.repairer.correct([newest._replace(number=number, category="wages")])
    closed = [whole_night(traded, day) for day in NIGHTS]
    categories = {} if fault == "invented" else {entry.entry_id: "energy"}
    sums = expected(traded.ledger.entries.values(), categories)
    assert held(traded.database, [traded.merchant]) == sums
    assert traded.repairs() == []
    assert len(traded.closings(LONG_AGO)) == 1
    assert sum(night["repaired"] + night["failed"] for night in closed) == 0


def test_correction_on_its_way_is_no_difference(traded: NightWorld) -> None:
    traded.night()
    entry = next(entry for entry in traded.ledger.entries.values() if entry.day == LONG_AGO)
    lately = correction(entry, 1, "energy")._replace(corrected_at=traded.now + timedelta(90))
    traded.ledger.corrected[entry.entry_id] = lately
    for day in NIGHTS:
        whole_night(traded, day)
    assert is_right(traded)


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


class Watched(LedgerInMemory):
    """A ledger that notes the segments and positions at which it is scanned."""

    def __init__(self) -> None:
        super().__init__()
        self.scans: list[tuple[int, int, str | None]] = []

    def segment(self, number: int, of: int, start: str | None) -> Page:
        self.scans.append((number, of, start))
        return super().segment(number, of, start)


@pytest.fixture
def watched(night_world: NightWorld) -> Watched:
    """The world's ledger, without entries."""
    night_world.ledger = ledger = Watched()
    return ledger


def test_thirty_nights_sweep_the_whole_table(night_world: NightWorld, watched: Watched) -> None:
    for day in NIGHTS:
        whole_night(night_world, day)
    assert sorted(watched.scans) == [(number, 120, None) for number in range(120)]


def test_missed_nights_are_made_up_for(night_world: NightWorld, watched: Watched) -> None:
    for day in NIGHTS[:2]:
        whole_night(night_world, day)
    del watched.scans[:]
    whole_night(night_world, NIGHTS[4])
    assert {number for number, _, _ in watched.scans} == set(range(8, 20))
    whole_night(night_world, NIGHTS[4])
    assert len(watched.scans) == 12


def test_sweep_continues_where_its_time_ended(night_world: NightWorld, watched: Watched) -> None:
    watched.page = 1
    keys = [sale(night_world.merchant, f"{number}").entry_id for number in range(2000)]
    first, second, *_ = sorted(key for key in keys if sum(key.encode()) % 120 == 0)
    night_world.record(*(sale(night_world.merchant, f"{keys.index(k)}") for k in (first, second)))

    def one_pass() -> None:
        moments = iter([night_world.now] * 2)  # its beginning, and the comparison of one page
        over = night_world.now + PASS_DURATION
        ports = night_world.ports(clock=lambda: next(moments, over))
        run_pass(ports, ConsolidationRun("run", YESTERDAY), SweepLane(0), Progress(None, Counts()))

    one_pass()
    one_pass()
    assert watched.scans == [(0, 120, None), (0, 120, first)]


def test_two_runs_do_not_move_a_segment_twice(night_world: NightWorld) -> None:
    store = night_world.read_model
    segment = store.due_segment(0, 4, YESTERDAY)
    assert segment == SweepSegment(0, YESTERDAY, None)
    store.move_segment(segment, "a", YESTERDAY)
    store.move_segment(segment, None, NIGHTS[1])
    assert store.due_segment(0, 4, YESTERDAY) == SweepSegment(0, YESTERDAY, "a")
    assert [store.sweep_overdue(day) for day in (YESTERDAY, NIGHTS[3])] == [0, 3]


def test_late_turns_are_spread_anew(night_world: NightWorld, watched: Watched) -> None:
    late = YESTERDAY + timedelta(days=100)
    whole_night(night_world, late)
    assert len(watched.scans) == 120
    for night in range(1, 31):
        whole_night(night_world, late + timedelta(days=night))
        assert len(watched.scans) == 120 + 4 * night


@pytest.mark.parametrize("missed", [1, 29, 40])
def test_days_of_missed_nights_are_checked(traded: NightWorld, missed: int) -> None:
    turn = next(day for day in NIGHTS if (day - LONG_AGO).days % 30 == 0)
    traded.night(turn - timedelta(days=1))
    corrupt(traded, "row deleted", LONG_AGO)
    assert traded.night(turn + timedelta(days=missed))["repaired"] > 0


@pytest.mark.parametrize("moved", ["interval '1 hour'", "interval '-1 hour'"])
def test_altered_newest_moment_is_repaired(traded: NightWorld, moved: str) -> None:
    newest = traded.rows("merchants", "newest_recorded_at")
    alteration = f"UPDATE merchants SET newest_recorded_at = newest_recorded_at + {moved}"
    traded.database.run(f"{alteration} WHERE merchant_id = :m", m=traded.merchant)
    assert traded.rows("merchants", "newest_recorded_at") != newest
    assert [traded.night(day)["failed"] for day in NIGHTS] == [0] * 30
    assert traded.rows("merchants", "newest_recorded_at") == newest
