"""Every state of the night that calls a function is struck, and what failures are bearable."""

import json

from local.paths import PROJECT
from verification.fault_injection.night_faults import FUNCTIONS, NIGHT_FAULTS
from verification.fault_injection.nights import is_a_stores_fault


def test_every_state_that_calls_a_function_is_struck() -> None:
    states = json.loads((PROJECT / "stepfunctions" / "daily_consolidation.asl.json").read_text())[
        "States"
    ]
    inner = states["ConsolidateRanges"]["ItemProcessor"]["States"]
    calling = {name for name, state in states.items() if state["Type"] == "Task"}
    assert [name for name, state in inner.items() if state["Type"] == "Task"] == [
        "ConsolidateRange"
    ]
    assert set(FUNCTIONS) == calling | {"ConsolidateRanges"}
    kinds = {fault.kind for fault in NIGHT_FAULTS}
    for function in FUNCTIONS.values():
        task = function.rpartition("-")[2]
        assert {f"{task} killed", f"night stopped, {task} killed"} <= kinds


def test_every_fault_of_a_night_counts_as_a_kill() -> None:
    assert all(fault.kind.endswith("killed") for fault in NIGHT_FAULTS)


def test_a_night_may_fail_for_late_answers_and_for_no_refusal_of_our_own() -> None:
    late = {"reason": None, "errors": ["botocore.exceptions.ReadTimeoutError"]}
    refused = {"reason": "2026-11-19 must be closed alone", "errors": ["Overtaken"]}
    broken = {"reason": None, "errors": ["builtins.KeyError"]}
    assert is_a_stores_fault([late, late])
    assert not is_a_stores_fault([late, refused])
    assert not is_a_stores_fault([broken])
