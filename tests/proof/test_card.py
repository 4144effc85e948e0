"""The report card adds up what all parts found, and never calls clean what is not."""

from typing import Any

import pytest

from proof.card import card, is_clean
from proof.page import markdown

ABOUT = {"date": "2026-11-23", "commit": "abc", "machine": "a machine", "python": "3.11"}
AUDIT = {
    "accepted": 100, "listed": 100, "lost": 0, "doubled": 0, "unknown": 0, "drift_minor": 0,
    "uncounted": 0, "repaired": 0, "repaired_by_nights": 0, "contradictions": 0,
}  # fmt: skip
TOLD = {
    "rate": 50.0, "seconds": 1.0, "requests": 50, "lost": 0, "p50_ms": 1.0, "p90_ms": 2.0,
    "p99_ms": 3.0, "longest_ms": 4.0,
}  # fmt: skip
PHASE = {"reads": TOLD, "writes": TOLD | {"requests": 5}}
TARGET = {"name": "x", "ratio": 2.0, "side": "at most", "bound": 1.5, "reason": "y", "met": False}


def results() -> dict[str, Any]:
    simulation = {
        "seeds": 10, "seconds": 1.0, "failures": {}, "counts": {"requests": 30}, "digest": "d",
        "mutants": {"no deduplication": 3},
    }  # fmt: skip
    drill = {
        "seed": 1, "seconds": 9.0, "requests": {"2xx": 40, "5xx": 2}, "faults": {"x killed": 4},
        "kills": 4, "replays": 1, "reversals": 1, "poison_parked": 7, "audit": dict(AUDIT),
        "slowest_recovery_seconds": {"x killed": 1.5}, "largest_lag_seconds": 2.5,
        "nights": {"SUCCEEDED": 3, "ABORTED": 1},
        "seals": {"closings": 12, "days": 8, "restated": 4, "faults": []},
    }  # fmt: skip
    need = {"rate": 50, "memory_mb": 512, "request_ms": 4.0, "functions": 1, "pooler": False}
    load = {
        "http": PHASE, "projector_down": PHASE, "pool": PHASE, "highest": PHASE,
        "cost": {"cpu": 0.001, "waiting": 0.001}, "needs": [need], "audit": dict(AUDIT),
    }  # fmt: skip
    outcomes = {"simulation": simulation, "drill": drill, "load": load}
    parts = {name: {"about": ABOUT, "outcome": one} for name, one in outcomes.items()}
    finding = {"title": "A comparison", "targets": [TARGET]}
    return {**parts, "bench": {"about": ABOUT, "summary": "0 of 1.", "findings": {"a": finding}}}


def test_figures_of_all_parts_are_added_up() -> None:
    totals = card(results(), ABOUT)["totals"]
    assert totals["requests"] == 42 + 4 * 55
    assert (totals["accepted"], totals["faults"], totals["seeds"]) == (200, 4, 10)
    assert (totals["lost"], totals["doubled"], totals["drift_minor"]) == (0, 0, 0)
    assert totals["largest_lag_seconds"] == 2.5


def test_a_missed_speed_target_is_told_and_loses_nobody_an_entry() -> None:
    told = card(results(), ABOUT)
    assert is_clean(told)
    assert "| A comparison | x | 2.00 × | at most 1.5 × | **missed** |" in markdown(told)


@pytest.mark.parametrize("wrong", [name for name in AUDIT if name not in ("accepted", "listed")])
@pytest.mark.parametrize("part", ["drill", "load"])
def test_one_wrong_entry_is_not_clean(part: str, wrong: str) -> None:
    found = results()
    found[part]["outcome"]["audit"][wrong] = 1
    told = card(found, ABOUT)
    assert not is_clean(told)
    assert "Not clean" in markdown(told)


def test_a_closing_with_a_fault_is_not_clean_and_is_told() -> None:
    found = results()
    assert card(found, ABOUT)["totals"]["closings"] == 12
    assert "4 nights (1 aborted, 3 succeeded)" in markdown(card(found, ABOUT))
    found["drill"]["outcome"]["seals"]["faults"] = ["padaria: 2026-11-20 must have a closing"]
    told = card(found, ABOUT)
    assert not is_clean(told)
    assert "- padaria: 2026-11-20 must have a closing" in markdown(told)


def test_a_lost_request_a_failed_seed_or_a_mistake_unseen_is_not_clean() -> None:
    lost, failed, unseen = results(), results(), results()
    lost["load"]["outcome"]["http"] = PHASE | {"reads": TOLD | {"lost": 1}}
    failed["simulation"]["outcome"]["failures"] = {"7": "lost"}
    unseen["simulation"]["outcome"]["mutants"] = {"no deduplication": None}
    assert not any(is_clean(card(one, ABOUT)) for one in (lost, failed, unseen))


def test_at_the_highest_rate_one_in_a_thousand_may_be_lost_and_no_more() -> None:
    bearable, overloaded = results(), results()
    for found, lost in ((bearable, 1), (overloaded, 2)):
        reads = TOLD | {"requests": 1000, "lost": lost}
        found["load"]["outcome"]["highest"] = PHASE | {"reads": reads}
    assert is_clean(card(bearable, ABOUT))
    assert not is_clean(card(overloaded, ABOUT))


@pytest.mark.parametrize("part", ["simulation", "drill", "load", "bench"])
def test_what_is_missing_is_named_and_not_clean(part: str) -> None:
    told = card(results() | {part: None}, ABOUT)
    assert not is_clean(told)
    assert f"Missing: {part}." in markdown(told)
