"""Stubs of the tasks, which the emulator runs.

The scenario is the merchant in the execution's input, or the number of a load's parts, which is a
text here; calls are counted in files of the folder that CALLS names.
"""

import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

Event = dict[str, Any]
ENDED = {"failed": 5, "error": None}  # after five passes
COUNTS = ("merchants", "closed", "repaired", "failed")


def await_projection(event: Event, _context: object) -> Event:
    """Be behind at first or always, fail twice, or reject the run."""
    looks = _calls(event, "await")
    _fail_if_flaky(event, "await", looks)
    began = datetime.fromisoformat(event["began_at"])
    assert abs(datetime.now(UTC) - began) < timedelta(hours=1)
    return {
        "caught_up": looks
        >= {"late": 3, "behind": 99, "incomplete": 99}.get(event["merchant_id"], 1),
        "complete": event["merchant_id"] != "incomplete",
        "rejection": "Not today." if event["merchant_id"] == "early" else None,
    }


def plan_consolidation(event: Event, _context: object) -> Event:
    """Plan three ranges, twenty or none."""
    _fail_if_flaky(event, "plan", _calls(event, "plan"))
    ranges = {"nobody": 0, "everybody": 20}.get(event["merchant_id"], 3)
    bounds = [f"{number * 300:04x}" for number in range(ranges + 1)]
    return {
        "ranges": [{"from": low, "to": high} for low, high in pairwise(bounds)],
        "sweeps": [{"sweep": 0}, {"sweep": 1}] if ranges and event["caught_up"] else [],
    }


def consolidate_range(event: Event, _context: object) -> Event:
    """Close ten merchants; leave some for another pass, or always, or fail."""
    if "sweep" in event["range"]:
        return _sweep(event)
    scenario, done, first = event["merchant_id"], event["progress"], event["range"]["from"]
    # A merchant that is still late after the wait fails.
    is_late = not event["caught_up"] and first == "0000" and bool(event["began_at"])
    calls = _calls(event, f"range-{first}")
    _fail_if_flaky(event, "range", calls)
    if scenario == "broken" and first == "012c":
        raise ValueError("x" * 5000)
    if scenario == "killed" and calls == 1:
        end_process()
    left = {"long": 3, "endless": 99}.get(scenario, 0)
    return {
        "next_after": {"merchant": f"m{calls}"} if calls <= left else None,
        "merchants": done["merchants"] + 10,
        "closed": done["closed"] + 9,
        "repaired": done["repaired"] + 1,
        "failed": done["failed"] + (is_late or (scenario == "refused" and first == "0000")),
    }


def end_process() -> None:
    """End the function's process, as the lack of memory does."""
    os._exit(9)


def _sweep(event: Event) -> Event:
    """Break always, never end, or end at once; the scenario is in the execution's name."""
    lane = event["range"]["sweep"]
    calls = _calls(event, f"sweep-{lane}")
    if event["execution"].endswith("swept-badly") and lane == 0:
        raise ValueError("x" * 5000)
    is_endless = event["execution"].endswith("swept-badly")
    return {**event["progress"], "next_after": f"{calls}" if is_endless else None, "failed": calls}


def summarize_consolidation(event: Event, _context: object) -> Event:
    """Add up the ranges."""
    _fail_if_flaky(event, "sum", _calls(event, "sum"))
    outcomes = event["outcomes"]
    if event["merchant_id"] == "swept-badly":
        assert event["sweeps"] == [{"failed": 0, "error": event["sweeps"][0]["error"]}, ENDED]
        assert event["sweeps"][0]["error"] is not None
    sums = {name: sum(outcome[name] for outcome in outcomes) for name in COUNTS}
    failed_ranges = sum(outcome["error"] is not None for outcome in outcomes)
    return {"day": event["day"], "failed_ranges": failed_ranges, **sums}


def rebuild(event: Event, _context: object) -> Event:
    """Load three parts, build two indexes, and add up three parts; or fail, or have nothing to do.

    A part's position names its scenario, its step and its number.
    """
    if "load" not in event:
        return _load_part(event)
    step = event["load"]["step"]
    scenario = event.get("position") or event["load"]["parts"]
    calls = _calls({"execution": scenario}, step)
    _fail_in(scenario, step, calls)
    if scenario == "complete":
        return {"positions": [], "position": None}
    has_parts = step == "sums" or (step == "entries" and scenario != "continued")
    return {
        "phase": step,
        "positions": [f"{scenario} {step} {part}" for part in range(3)] if has_parts else [],
        "position": scenario,
        "left": max(0, 2 - calls) if step == "indexes" else 0,
    }


def _load_part(event: Event) -> Event:
    """Load 100 entries; some scenarios need three passes, or are killed once."""
    scenario, step, part = event["position"].split()
    assert int(part) == event["part"]
    calls = _calls({"execution": event["position"]}, "part")
    if part == "1":
        _fail_in(scenario, f"part-of-{step}", calls)
        if scenario == "killed" and calls == 1:
            end_process()
    is_done = calls >= (3 if scenario == "long" else 1)
    return {
        "phase": "done" if is_done else step,
        "position": None if is_done else event["position"],
        "entries": 100 * calls if step == "entries" else 0,
        "missing": 90 * calls if step == "entries" else 0,
        "unreadable": 1 if step == "entries" else 0,
        "part": event["part"],
    }


def _fail_in(scenario: str, step: str, calls: int) -> None:
    if scenario == f"broken-{step}" or (scenario == "flaky" and calls < 3):
        raise ConnectionError("the database is down")


def _calls(event: Event, what: str) -> int:
    name = f"{event['execution']} {what}"
    with (Path(os.environ["CALLS"]) / name).open("ab") as counted:
        counted.write(b".")
        calls = counted.tell()
    print(f"{name}: call {calls}")  # the emulator waits a moment for a call that logs nothing
    return calls


def _fail_if_flaky(event: Event, what: str, calls: int) -> None:
    if event["merchant_id"] == "flaky" and calls < 3:
        raise ConnectionError(f"{what} is down")
