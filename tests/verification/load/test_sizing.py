"""What a rate needs in AWS follows from what one request costs, by Little's law."""

from verification.load.sizing import Cost, capacity, need, needs

COST = Cost(cpu=0.001, waiting=0.001)


def test_a_whole_processor_takes_what_was_measured_and_what_is_assumed() -> None:
    # 1 ms to compute, 1 of the runtime's, 1 to wait for stores and 3 for the network
    assert need(700, 1769, COST).request_ms == 6.0
    assert need(700, 1769, COST).functions == 6  # 700 a second x 6 ms, busy for 70 %


def test_half_a_processor_takes_twice_the_time_to_compute_and_no_longer_to_wait() -> None:
    half, whole = need(5000, 884, COST), need(5000, 1769, COST)
    assert 1.5 < (half.request_ms - 4) / (whole.request_ms - 4) < 2.5


def test_many_connections_need_a_pooler() -> None:
    assert not need(50, 512, COST).pooler
    assert need(5000, 512, Cost(cpu=0.02, waiting=0.01)).pooler


def test_one_function_answers_one_request_at_a_time() -> None:
    assert capacity(COST) == 500
    assert len(needs(COST)) == 12


def test_what_an_account_may_run_at_once_is_told() -> None:
    slow = Cost(cpu=0.05, waiting=0.01)
    assert need(500, 1769, slow).within_quota
    assert not need(100_000, 512, COST).within_quota


def test_postgresql_needs_no_more_processors_than_requests_wait() -> None:
    assert need(5000, 512, COST).database_processors == 5.0
