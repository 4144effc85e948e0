"""The throttles of each size of stage, and how long it keeps logs and backups."""

from infrastructure.sizes import LARGE, SMALL, Throttle


def test_small_stage_admits_80_reads() -> None:
    assert (SMALL.writes, SMALL.reads) == (Throttle(50, 8), Throttle(80, 8))
    assert (SMALL.closings, SMALL.readiness) == (Throttle(1, 10), Throttle(2, 3))
    assert (SMALL.leaves, SMALL.pages) == (Throttle(5, 10), Throttle(10, 5))


def test_large_stage_admits_more_writes() -> None:
    assert (LARGE.writes, LARGE.reads) == (Throttle(2000, 80), Throttle(500, 80))
    assert (LARGE.closings, LARGE.readiness) == (Throttle(5, 20), Throttle(2, 3))
    assert (LARGE.leaves, LARGE.pages) == (Throttle(50, 50), Throttle(200, 25))


def test_only_large_stage_is_redundant() -> None:
    assert (SMALL.log_days, LARGE.log_days) == (14, 90)
    assert (SMALL.database["BackupDays"], LARGE.database["BackupDays"]) == ("7", "35")
    assert (SMALL.database["TwoZones"], LARGE.database["TwoZones"]) == ("off", "on")
    assert (SMALL.redis is None, LARGE.redis is None) == (True, False)
