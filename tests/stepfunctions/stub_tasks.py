"""Stubs of the tasks, which the emulator runs.

The scenario is the merchant in the execution's input; calls are counted in a table.
"""

import os
from itertools import pairwise
from typing import Any

Event = dict[str, Any]
COUNTS = ("merchants", "closed", "repaired", "failed")


def await_projection(event: Event, _context: object) -> Event:
    """Be behind at first or always, or fail twice."""
    looks = _calls(event, "await")
    _fail_if_flaky(event, "await", looks)
    return {"caught_up": looks >= {"late": 3, "behind": 99}.get(event["merchant_id"], 1)}


def plan_consolidation(event: Event, _context: object) -> Event:
    """Plan three ranges, a hundred or none."""
    _fail_if_flaky(event, "plan", _calls(event, "plan"))
    ranges = {"nobody": 0, "everybody": 100}.get(event["merchant_id"], 3)
    bounds = [f"{number * 300:04x}" for number in range(ranges + 1)]
    return {"ranges": [{"from": low, "to": high} for low, high in pairwise(bounds)]}


def consolidate_range(event: Event, _context: object) -> Event:
    """Close ten merchants; leave some for another pass, or always, or fail."""
    scenario, done, first = event["merchant_id"], event["progress"], event["range"]["from"]
    calls = _calls(event, f"range-{first}")
    _fail_if_flaky(event, "range", calls)
    if scenario == "broken" and first == "012c":
        raise ValueError("x" * 5000)
    if scenario == "killed" and calls == 1:
        os._exit(9)
    left = {"long": 3, "endless": 99}.get(scenario, 0)
    return {
        "next_after": {"merchant": f"m{calls}"} if calls <= left else None,
        "merchants": done["merchants"] + 10,
        "closed": done["closed"] + 9,
        "repaired": done["repaired"] + 1,
        "failed": done["failed"] + (scenario == "refused" and first == "0000"),
    }


def summarize_consolidation(event: Event, _context: object) -> Event:
    """Add up the ranges."""
    _fail_if_flaky(event, "sum", _calls(event, "sum"))
    outcomes = event["outcomes"]
    sums = {name: sum(outcome[name] for outcome in outcomes) for name in COUNTS}
    failed_ranges = sum(outcome["error"] is not None for outcome in outcomes)
    return {"day": event["day"], "failed_ranges": failed_ranges, **sums}


def _calls(event: Event, what: str) -> int:
    import boto3

    updated = boto3.client("dynamodb").update_item(
        TableName="calls",
        Key={"name": {"S": f"{event['execution']} {what}"}},
        UpdateExpression="ADD times :increment",
        ExpressionAttributeValues={":increment": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )
    return int(updated["Attributes"]["times"]["N"])


def _fail_if_flaky(event: Event, what: str, calls: int) -> None:
    if event["merchant_id"] == "flaky" and calls < 3:
        raise ConnectionError(f"{what} is down")
