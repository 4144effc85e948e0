"""A burst writes beside a fault, and learns by itself when what it wrote is shown."""

import threading

import pytest

from verification.fault_injection.burst import Burst


def test_the_lag_counts_from_the_acceptance_and_not_from_when_somebody_asks() -> None:
    seen: list[str] = []
    may_be_shown = threading.Event()

    def shown(newest: str) -> None:
        may_be_shown.wait(10)
        seen.append(newest)

    burst = Burst(lambda: "newest", shown)
    may_be_shown.set()
    assert burst.result() == "newest"
    lag = burst.lag_seconds
    assert seen == ["newest"]
    assert burst.result() == "newest" and burst.lag_seconds == lag


def test_who_waits_for_a_burst_is_told_its_failure() -> None:
    def fail(_newest: str) -> None:
        raise ValueError("not shown")

    with pytest.raises(ValueError, match="not shown"):
        Burst(lambda: "newest", fail).result()
