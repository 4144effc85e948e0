"""A full drill in which a kind of fault never struck is not clean, and names it."""

from dataclasses import replace

from verification.fault_injection.audit import Audit
from verification.fault_injection.outcome import Extent, Outcome
from verification.fault_injection.seal_audit import SealAudit

OUTCOME = Outcome(
    seed=1, seconds=1.0, in_time=True, requests={}, faults={"Valkey slow": 1, "x killed": 300},
    kills=300, broken={"x killed": 7}, replays=0, reversals=0, poison_parked=0,
    slowest_recovery_seconds={}, largest_lag_seconds=0.0, nights={},
    seals=SealAudit(0, 0, 0, ()), audit=Audit(1, 1, 0, 0, 0, 0, 0, 0),
)  # fmt: skip


def test_a_full_drill_is_clean_when_every_kind_struck() -> None:
    assert OUTCOME.clean and not OUTCOME.never_hit


def test_a_kind_that_never_struck_is_named() -> None:
    missed = replace(OUTCOME, faults={"Valkey slow": 0, "x killed": 300})
    assert missed.never_hit == ["Valkey slow"]
    assert not missed.clean


def test_kills_of_nothing_but_idle_processes_are_named() -> None:
    idle = replace(OUTCOME, broken={"x killed": 0})
    assert idle.never_hit == ["x killed in the midst of work"]
    assert not idle.clean


def test_a_small_drill_tells_it_and_is_clean() -> None:
    small = replace(OUTCOME, kills=299, faults={"Valkey slow": 0})
    assert small.never_hit == ["Valkey slow"]
    assert small.clean
    assert not Extent(299, 1, 1, 1.0).is_full
    assert Extent(300, 1, 1, 1.0).is_full
