"""How much each size of stage lets through, and how long it keeps its logs and backups."""

from infrastructure.sizes import LARGE, SMALL, Throttle


def test_a_small_stage_lets_a_hundred_requests_through() -> None:
    assert (SMALL.writes, SMALL.reads) == (Throttle(100, 100), Throttle(100, 100))
    assert (SMALL.closings, SMALL.readiness) == (Throttle(1, 10), Throttle(2, 3))


def test_a_large_stage_lets_more_writes_than_reads_through() -> None:
    assert (LARGE.writes, LARGE.reads) == (Throttle(2000, 2000), Throttle(500, 500))
    assert (LARGE.closings, LARGE.readiness) == (Throttle(5, 20), Throttle(2, 3))


def test_logs_and_backups_are_kept_for_days() -> None:
    assert (SMALL.log_days, LARGE.log_days) == (14, 90)
    assert (SMALL.database["BackupDays"], LARGE.database["BackupDays"]) == ("7", "35")


def test_only_a_large_stage_has_two_zones_and_a_fast_memory() -> None:
    assert (SMALL.database["TwoZones"], LARGE.database["TwoZones"]) == ("off", "on")
    assert (SMALL.fast_memory is None, LARGE.fast_memory is None) == (True, False)
