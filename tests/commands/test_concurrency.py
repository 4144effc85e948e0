"""Work of many arguments by a few threads: order, errors, and who does it."""

import threading
import time

import pytest

from chalicelib.commands.concurrency import concurrently


@pytest.mark.parametrize("workers", [1, 2, 7, 99])
def test_results_keep_the_arguments_order(workers: int) -> None:
    def work(number: int) -> int:
        time.sleep(0.002 * (5 - number % 5))
        return number * 10

    assert list(concurrently(work, range(12), workers)) == [
        *(0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110)
    ]


def test_workers_share_the_work() -> None:
    both = threading.Barrier(2, timeout=10)
    assert list(concurrently(lambda _: both.wait() in (0, 1), range(4), 2)) == [True] * 4


def test_first_error_ends_the_work() -> None:
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 1:
            raise ValueError("the second one")
        time.sleep(0.01)

    with pytest.raises(ValueError, match="the second one"):
        list(concurrently(work, range(500), 4))
    assert len(begun) < 100


def test_one_argument_stays_in_this_thread() -> None:
    threads = list(concurrently(lambda _: threading.current_thread(), [1], 16))
    assert threads == [threading.current_thread()]
