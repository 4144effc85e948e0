"""The report card adds up what all parts found, and never calls clean what is not."""

from typing import Any

import pytest

from verification.report import card, is_clean
from verification.report_page import markdown

ABOUT = {"date": "2026-11-23", "commit": "abc", "machine": "a machine", "python": "3.11"}
AUDIT = {
    "accepted": 20_000, "listed": 20_000, "lost": 0, "doubled": 0, "unknown": 0, "drift_minor": 0,
    "uncounted": 0, "repaired": 0, "repaired_by_nights": 0, "contradictions": 0,
}  # fmt: skip
TOLD = {
    "rate": 50.0, "seconds": 1.0, "requests": 50, "lost": 0, "p50_ms": 1.0, "p90_ms": 2.0,
    "p99_ms": 3.0, "longest_ms": 4.0,
}  # fmt: skip
POOL = {"reads": TOLD | {"rate": 200.0}, "writes": TOLD | {"requests": 5}}
PHASE = {"reads": TOLD, "writes": TOLD | {"requests": 5}}
TARGET = {"name": "x", "ratio": 2.0, "side": "at most", "bound": 1.5, "reason": "y", "met": False}


def results() -> dict[str, Any]:
    simulation = {
        "seeds": 2000, "seconds": 1.0, "failures": {}, "counts": {"requests": 30}, "digest": "d",
        "mutants": {"no deduplication": 3},
    }  # fmt: skip
    drill = {
        "seed": 1, "seconds": 9.0, "requests": {"2xx": 40, "5xx": 2}, "faults": {"x killed": 300},
        "kills": 300, "broken": {"x killed": 9}, "in_time": True,
        "replays": 1, "reversals": 1, "poison_parked": 7, "audit": dict(AUDIT),
        "slowest_recovery_seconds": {"x killed": 1.5}, "largest_lag_seconds": 2.5,
        "nights": {"SUCCEEDED": 3, "ABORTED": 1},
        "seals": {"closings": 12, "days": 8, "restated": 4, "faults": []},
    }  # fmt: skip
    need = {
        "rate": 50, "memory_mb": 512, "request_ms": 4.0, "functions": 1, "pooler": False,
        "within_quota": True, "database_processors": 0.1,
    }  # fmt: skip
    load = {
        "http": PHASE, "projector_down": PHASE, "pool": POOL, "highest": PHASE,
        "cost": {"cpu": 0.001, "waiting": 0.001}, "needs": [need], "audit": dict(AUDIT),
    }  # fmt: skip
    outcomes = {"simulation": simulation, "drill": drill, "load": load}
    parts = {name: {"about": ABOUT, "outcome": one} for name, one in outcomes.items()}
    finding = {"title": "A comparison", "targets": [TARGET]}
    return {**parts, "bench": {"about": ABOUT, "summary": "0 of 1.", "findings": {"a": finding}}}


def test_figures_of_all_parts_are_added_up() -> None:
    totals = card(results(), ABOUT)["totals"]
    assert totals["requests"] == 42 + 4 * 55
    assert (totals["accepted"], totals["faults"], totals["seeds"]) == (40_000, 300, 2000)
    assert (totals["lost"], totals["doubled"], totals["drift_minor"]) == (0, 0, 0)
    assert totals["largest_lag_seconds"] == 2.5


def test_a_missed_speed_target_is_told_and_loses_nobody_an_entry() -> None:
    result = card(results(), ABOUT)
    assert is_clean(result)
    assert "| A comparison | x | 2.00 × | at most 1.5 × | **missed** |" in markdown(result)


@pytest.mark.parametrize("wrong", [name for name in AUDIT if name not in ("accepted", "listed")])
@pytest.mark.parametrize("part", ["drill", "load"])
def test_one_wrong_entry_is_not_clean(part: str, wrong: str) -> None:
    matches = results()
    matches[part]["outcome"]["audit"][wrong] = 1
    result = card(matches, ABOUT)
    assert not is_clean(result)
    assert "Not clean" in markdown(result)


def test_a_closing_with_a_fault_is_not_clean_and_is_told() -> None:
    matches = results()
    assert card(matches, ABOUT)["totals"]["closings"] == 12
    assert "4 nights (1 aborted, 3 succeeded)" in markdown(card(matches, ABOUT))
    matches["drill"]["outcome"]["seals"]["faults"] = ["padaria: 2026-11-20 must have a closing"]
    result = card(matches, ABOUT)
    assert not is_clean(result)
    assert "- padaria: 2026-11-20 must have a closing" in markdown(result)


def test_a_lost_request_a_failed_seed_or_a_mistake_unseen_is_not_clean() -> None:
    lost, failed, unseen = results(), results(), results()
    lost["load"]["outcome"]["http"] = PHASE | {"reads": TOLD | {"lost": 1}}
    failed["simulation"]["outcome"]["failures"] = {"7": "lost"}
    unseen["simulation"]["outcome"]["mutants"] = {"no deduplication": None}
    assert not any(is_clean(card(one, ABOUT)) for one in (lost, failed, unseen))


def test_at_the_highest_rate_one_in_a_thousand_may_be_lost_and_no_more() -> None:
    bearable, overloaded = results(), results()
    for result, lost in ((bearable, 1), (overloaded, 2)):
        reads = TOLD | {"requests": 1000, "lost": lost}
        result["load"]["outcome"]["highest"] = PHASE | {"reads": reads}
    assert is_clean(card(bearable, ABOUT))
    assert not is_clean(card(overloaded, ABOUT))


@pytest.mark.parametrize("part", ["simulation", "drill", "load", "bench"])
def test_what_is_missing_is_named_and_not_clean(part: str) -> None:
    result = card(results() | {part: None}, ABOUT)
    assert not is_clean(result)
    assert f"Missing: {part}." in markdown(result)


def test_everything_at_its_size_and_of_one_commit_is_clean() -> None:
    result = card(results(), ABOUT)
    assert is_clean(result)
    assert "**Nothing lost, nothing doubled, no drift.**" in markdown(result)


@pytest.mark.parametrize(
    ("part", "changed", "short_of"),
    [
        ("drill", {"kills": 299}, "300 kills (299)"),
        ("drill", {"audit": AUDIT | {"accepted": 19_999}}, "20,000 entries of the drill (19,999)"),
        ("simulation", {"seeds": 1999}, "2,000 seeds simulated (1,999)"),
        ("load", {"http": PHASE | {"reads": TOLD | {"rate": 4.0}}}, "50 reads a second over HTTP"),
        ("load", {"pool": PHASE}, "200 reads a second through warm functions (50)"),
    ],
)
def test_a_card_of_less_than_all_is_clean_but_short(
    part: str, changed: dict[str, Any], short_of: str
) -> None:
    matches = results()
    matches[part]["outcome"] |= changed
    result = card(matches, ABOUT)
    assert not is_clean(result)
    assert f"**Clean, but short of: {short_of}" in markdown(result)


def test_parts_of_two_commits_or_of_changed_files_are_not_clean() -> None:
    others, changed = results(), results()
    others["load"]["about"] = ABOUT | {"commit": "def"}
    for part in changed.values():
        part["about"] = ABOUT | {"commit": "abc+"}
    assert "one commit for all parts" in markdown(card(others, ABOUT))
    assert "(drill at abc+)" in markdown(card(changed, ABOUT))
    assert not any(is_clean(card(one, ABOUT)) for one in (others, changed))


def test_a_fault_that_never_struck_in_a_full_drill_is_not_clean_and_is_named() -> None:
    matches = results()
    matches["drill"]["outcome"]["faults"]["Valkey slow"] = 0
    result = card(matches, ABOUT)
    assert not is_clean(result)
    assert "Never struck: Valkey slow." in markdown(result)
    assert "**Not clean" in markdown(result)


def test_a_drill_that_ran_out_of_time_is_missing() -> None:
    result = results()
    result["drill"]["outcome"]["in_time"] = False
    assert card(result, ABOUT)["missing"] == ["drill"]


def test_rates_on_the_page_are_those_that_were_offered() -> None:
    result = results()
    result["load"]["outcome"]["http"] = PHASE | {"reads": TOLD | {"rate": 4.0}}
    page = markdown(card(result, ABOUT))
    assert "requests lost at 4/s over HTTP, with and without a projector, and 200/s" in page
