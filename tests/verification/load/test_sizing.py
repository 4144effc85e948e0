"""The needs of a rate in AWS follow from the cost of one request, by Little's law."""

from verification.load.sizing import Cost, need, needs

COST = Cost(cpu=0.001, waiting=0.001)


def test_whole_processor_takes_measured_and_assumed_time() -> None:
    # 1 ms to compute, 1 of the runtime, 1 to wait for stores, and 3 for the network
    assert need(700, 1769, COST).request_ms == 6.0
    assert need(700, 1769, COST).functions == 6  # 700 a second x 6 ms, busy for 70 %


def test_half_processor_doubles_only_computing() -> None:
    half, whole = need(5000, 884, COST), need(5000, 1769, COST)
    assert 1.5 < (half.request_ms - 4) / (whole.request_ms - 4) < 2.5


def test_many_functions_need_pooler_and_quota() -> None:
    small, large = need(50, 512, COST), need(5000, 512, Cost(cpu=0.02, waiting=0.01))
    assert (small.pooler, small.within_quota) == (False, True)
    assert (large.pooler, large.within_quota) == (True, True)
    assert not need(100_000, 512, COST).within_quota


def test_waiting_limits_postgresql_processors() -> None:
    assert len(needs(COST)) == 12
    assert need(5000, 512, COST).database_processors == 5.0
